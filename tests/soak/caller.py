"""Those who call: each with a connection of its own, one call after the other, and what each of them saw."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import grpc.aio

from mainstay import user
from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from tests.soak.kinds import CANCELLED, Kind
from tests.soak.provider import TEXT

if TYPE_CHECKING:
    from mainstay.v1.chat_pb2_grpc import ChatServiceAsyncStub

CONNECTIONS, AT_ONCE = 16, 4
"""Connections, and callers on each."""
PER_CONNECTION = 500
"""Calls after which a connection is given up for another."""
AT_THE_CALLER = "DEADLINE_EXCEEDED at the caller"
"""The deadline passed before the service said so: it may have seen its caller leave, or never have seen the call."""
_OPTIONS = (
    ("grpc.enable_retries", 0),  # one call is one line in the log
    ("grpc.use_local_subchannel_pool", 1),  # else all would share one connection
)

Seen = Counter[tuple[str, str]]
"""Calls by kind, and by status or, if they went well, source."""


class Callers:
    """Makes calls until there are none left."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.seen = Seen()
        self.done = 0

    async def make(self, calls: Iterator[Kind]) -> None:
        """All of them, so many at once."""
        numbered = enumerate(calls)
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(self._connect(numbered))

    async def _connect(self, numbered: Iterator[tuple[int, Kind]]) -> None:
        while share := list(islice(numbered, PER_CONNECTION)):
            async with grpc.aio.insecure_channel(self._address, options=_OPTIONS) as channel:
                stub: ChatServiceAsyncStub = ChatServiceStub(channel)
                left = iter(share)
                async with asyncio.TaskGroup() as group:
                    for _ in range(AT_ONCE):
                        group.create_task(self._call(stub, left))

    async def _call(self, stub: "ChatServiceAsyncStub", calls: Iterator[tuple[int, Kind]]) -> None:
        for number, kind in calls:
            self.seen[kind.name, await _outcome(stub, kind, number)] += 1
            self.done += 1


async def _outcome(stub: "ChatServiceAsyncStub", kind: Kind, number: int) -> str:
    """Source of the answer, status of the failure, or what is wrong with either."""
    request = pb.ChatRequest(model=kind.name, messages=[user(f"question {skewed(number, kind.questions)}")])
    try:
        if kind.streamed:
            return await _stream(stub, kind, request)
        answer = await stub.Chat(request, timeout=kind.deadline, metadata=_metadata(kind))
        return _ended(answer, "".join(part.text for part in answer.message.parts))
    except grpc.aio.AioRpcError as error:
        return error.code().name if told_by_the_service(error) else AT_THE_CALLER
    except asyncio.CancelledError:
        if asyncio.current_task().cancelling():  # type: ignore[union-attr]  # there is one
            raise
        return CANCELLED  # grpc raises it for a call that was cancelled, too


async def _stream(stub: "ChatServiceAsyncStub", kind: Kind, request: pb.ChatRequest) -> str:
    call = stub.ChatStream(request, timeout=kind.deadline, metadata=_metadata(kind))
    texts = []
    completed = None
    async for event in call:
        if event.HasField("text_delta"):
            texts.append(event.text_delta.text)
            if kind.leaves:
                call.cancel()
        if event.HasField("completed"):
            completed = event.completed
    return _ended(completed, "".join(texts)) if completed else "ended without completed"


def told_by_the_service(error: grpc.aio.AioRpcError) -> bool:
    """Whether a failure came over the wire: a deadline can pass on this side, too."""
    told = any(name == "mainstay-version" for name, _ in error.trailing_metadata() or ())
    return told or error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED


def skewed(number: int, questions: int) -> int:
    """One of so many questions: as good as random, a few of them often and most of them seldom."""
    uniform = number * 2_654_435_761 % 2**32 / 2**32
    return int(uniform**3 * questions)


def _ended(answer: pb.ChatResponse, text: str) -> str:
    source = pb.Source.Name(answer.source).removeprefix("SOURCE_")
    return source if text == TEXT or source == "RULE" else f"{source}, not whole"


def _metadata(kind: Kind) -> tuple[tuple[str, str], ...]:
    return (("mainstay-caller", kind.name),)
