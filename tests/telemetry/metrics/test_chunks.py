"""Which reads of a provider's stream are chunks, and what is told of them."""

import asyncio
from collections.abc import Callable, Iterable
from typing import cast

from mainstay import v1 as pb
from service.chat.call import Call
from service.providers.http import Answer
from service.providers.streamed import Streamed
from service.providers.wire import StreamDecoder

ACall = Callable[..., Call]
COMMENT, PIECE, TWO_PIECES = b":", b"a", b"ab"


class Arriving:
    """Plays an answer and its decoder: bytes that arrive after so many seconds, each a delta unless it is a colon."""

    done = finished = False
    skipped = 0

    def __init__(self, reads: Iterable[tuple[float, bytes]]) -> None:
        self._reads = iter(reads)

    async def read(self) -> bytes:
        seconds, data = next(self._reads, (0.0, b""))
        await asyncio.sleep(seconds)
        return data

    def feed(self, data: bytes) -> list[pb.ChatEvent]:
        if data == COMMENT:
            return [pb.ChatEvent(usage=pb.Usage())]
        return [pb.ChatEvent(text_delta=pb.TextDelta(text=chr(byte))) for byte in data]

    def end(self) -> list[pb.ChatEvent]:
        return [pb.ChatEvent(completed=pb.ChatResponse())]


async def test_the_time_between_reads_that_brought_deltas_is_told(a_call: ACall) -> None:
    reads = [(9.0, COMMENT), (5.0, PIECE), (1.0, PIECE), (2.0, COMMENT), (0.5, TWO_PIECES), (4.0, COMMENT)]
    played, told, call = Arriving(reads), list[tuple[Call, float]](), a_call(streamed=True)
    answer, decoder = cast("Answer", played), cast("StreamDecoder", played)
    streamed = Streamed(call, pb.Started(), answer, decoder, lambda *heard: told.append(heard))
    while not (await streamed.__anext__()).HasField("completed"):
        pass
    assert told == [(call, 1.0), (call, 2.5)]
