"""M14: a hundred readers ask for answers of 20 MB, read a little and stop; later some of them go on. At scale 1.

Readers have gRPC's smallest window: by default a reader's gRPC takes some MB more, which lie in the reader's own memory
and hide what the service holds back.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from mainstay import ChatClient
from mainstay.channel import Option
from tests.chaos.expect import expect, expect_that
from tests.chaos.firehose import PIECE, Firehose, sending
from tests.chaos.own import own_service
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.stage import Stage
from tests.kit.process import Process

READERS = 100
GO_ON = 20
CHARACTERS = 20 * 2**20
BOUND = 4 * 2**20
"""Bytes of the service's memory for each stream, as docs/limits.md has it."""
ON_THE_WAY = 8 * 2**20
"""Bytes that the provider gets rid of for each of them: the service's share, and what kernels buffer."""
SMALL_WINDOW: Sequence[Option] = [("grpc.http2.bdp_probe", 0)]
QUIET = 0.3
"""Seconds without a byte more, after which the provider is held back."""


@dataclass(slots=True)
class _Readers:
    """Each reads its first text and stops until it is told to go on."""

    client: ChatClient
    stopped: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> int:
        """Characters of the whole answer."""
        characters = 0
        async with self.client.stream("At length, please.", model="long", timeout=50) as stream:
            async for event in stream:
                if event.HasField("text_delta") and not characters:
                    self.stopped += 1
                    await self.go_on.wait()
                characters += len(event.text_delta.text)
        return characters


async def _readers_stop(stage: Stage) -> None:
    firehose = Firehose(CHARACTERS)
    async with sending(firehose) as url:
        configuration = {
            "providers": {"hose": {"protocol": "openai", "base_url": url, "auth": "none"}},
            "routes": {"long": {"targets": ["hose/m"]}},
        }
        async with own_service(configuration, SMALL_WINDOW) as (service, client):
            await _play(stage, firehose, service, _Readers(client))


async def _play(stage: Stage, firehose: Firehose, service: Process, readers: _Readers) -> None:
    before = service.rss
    reading = [asyncio.create_task(readers.read()) for _ in range(READERS)]
    try:
        await _held_back(firehose, readers)
        held, sent = service.rss - before, list(firehose.sent)
        for reader in reading[GO_ON:]:
            reader.cancel()
        await asyncio.wait(reading[GO_ON:])
        readers.go_on.set()
        whole = await asyncio.gather(*reading[:GO_ON])
    finally:
        for reader in reading:
            reader.cancel()
        await asyncio.wait(reading)
    more = service.peak_rss - before - held
    stage.tell(f"{held / READERS / 1024:.0f} KiB a stream, then {GO_ON} whole", len(firehose.sent))
    expect("streams", len(sent), READERS)
    expect_that(max(sent) <= ON_THE_WAY, f"the provider could send {max(sent):,} bytes to a reader that had stopped")
    expect_that(held <= READERS * BOUND, f"{held / READERS:,.0f} bytes of memory for each stopped stream")
    expect("characters of those that went on", set(whole), {firehose.pieces * PIECE})
    expect_that(more <= GO_ON * BOUND, f"{more / GO_ON:,.0f} bytes more for each of {GO_ON} streams that went on")


async def _held_back(firehose: Firehose, readers: _Readers) -> None:
    """Returns once all have stopped and nothing more can be sent."""
    last = -1
    while readers.stopped < READERS or sum(firehose.sent) != last:
        last = sum(firehose.sent)
        await asyncio.sleep(QUIET)


SCENARIOS = [
    Scenario(key="m14", does=f"{READERS} readers of 20 MB stop reading", modes=[Mode.STREAM], play=_readers_stop)
]
