"""What is measured: who is asked what, how often, and what the CPU time is divided by."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.bench.configuration import CACHED_ROUTE, PACED_ROUTE, PLAIN_ROUTE
from tests.bench.load import Ask
from tests.bench.question import ANSWER, BURST, CHUNKS, PACED_BYTES
from tests.bench.services import Service
from tests.bench.tools import Tools

ECHO, RELAY = "echo", "relay"
_CHAT, _STREAM = "/mainstay.v1.ChatService/Chat", "/mainstay.v1.ChatService/ChatStream"
_REFERENCE_CHAT, _REFERENCE_STREAM = "/bench.v1.Chat/Complete", "/bench.v1.Chat/Stream"


class Kind(Enum):
    """The kinds of calls, by the name that `--only` takes."""

    UNARY = "unary"
    ALONE = "alone"
    BURST = "burst"
    CACHE = "cache"
    PACED = "paced"

    @property
    def title(self) -> str:
        """For the table."""
        return {
            Kind.UNARY: "unary, 16 at once",
            Kind.ALONE: "unary, one at a time",
            Kind.BURST: f"stream, {CHUNKS} chunks at once",
            Kind.CACHE: "unary, from the cache",
            Kind.PACED: f"64 streams, {CHUNKS} chunks 5 ms apart",
        }[self]

    @property
    def unit(self) -> str:
        """What the CPU time is divided by."""
        return "chunk" if self is Kind.PACED else "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How often. Each number of calls keeps the CPU clock's ticks of 10 ms below 1 % of what is measured."""

    rounds: int = 7
    warm_up: int = 1500
    """Unary calls, and a tenth as many streams, before anything is measured."""
    unary: int = 3000
    alone: int = 300
    burst: int = 300
    cache: int = 3000
    paced: int = 128


QUICK = Sizes(rounds=3)
TINY = Sizes(rounds=1, warm_up=20, unary=40, alone=5, burst=4, cache=40, paced=4)


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the table."""

    kind: Kind
    program: str


@dataclass(frozen=True, slots=True)
class Run:
    """A row's work in one round."""

    key: Key
    ask: Ask

    @property
    def units(self) -> int:
        """What the CPU time of the run is divided by."""
        return self.ask.calls * (CHUNKS if self.key.kind is Kind.PACED else 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which runs make a round."""

    tools: Tools
    folder: Path
    sizes: Sizes
    service: Service

    def round(self, kinds: Collection[Kind]) -> Iterator[Run]:
        """Program after program, so that each is as far from its denominator as it must be and no farther."""
        for kind in Kind:
            if kind in kinds:
                yield from (Run(Key(kind, name), ask) for name, ask in self._asks(kind).items())

    def of_services(self, services: Collection[Service]) -> Iterator[Run]:
        """Unary calls to each of these services, and to echo."""
        asks = self._asks(Kind.UNARY)
        yield Run(Key(Kind.UNARY, ECHO), asks[ECHO])
        for service in services:
            yield Run(Key(Kind.UNARY, service.value), asks[self.service.value])

    def _asks(self, kind: Kind) -> dict[str, Ask]:
        sizes, us = self.sizes, self.service.value
        match kind:
            case Kind.UNARY:
                # Echo is cheap: twice as many, for the clock's sake.
                return {
                    ECHO: self._reference(sizes.unary * 2),
                    RELAY: self._reference(sizes.unary),
                    us: self._ours(PLAIN_ROUTE, sizes.unary),
                }
            case Kind.ALONE:
                return {
                    ECHO: self._reference(sizes.alone, at_once=1),
                    RELAY: self._reference(sizes.alone, at_once=1),
                    us: self._ours(PLAIN_ROUTE, sizes.alone, at_once=1),
                }
            case Kind.BURST:
                return {RELAY: self._burst_of_relay(), us: self._burst()}
            case Kind.CACHE:
                return {us: self._ours(CACHED_ROUTE, sizes.cache)}
            case Kind.PACED:
                return {RELAY: self._paced_of_relay(), us: self._paced()}

    def _reference(self, calls: int, at_once: int = 16) -> Ask:
        return Ask(_REFERENCE_CHAT, self.tools.body("chat.pb"), calls, at_once, least_bytes=len(ANSWER))

    def _ours(self, route: str, calls: int, at_once: int = 16) -> Ask:
        return Ask(_CHAT, self.folder / f"{route}.pb", calls, at_once, least_bytes=len(ANSWER))

    def _burst_of_relay(self) -> Ask:
        body = self.tools.body("chat.pb")
        return Ask(_REFERENCE_STREAM, body, self.sizes.burst, 8, streamed=True, least_bytes=len(BURST))

    def _burst(self) -> Ask:
        body = self.folder / f"{PLAIN_ROUTE}.pb"
        return Ask(_STREAM, body, self.sizes.burst, 8, streamed=True, least_bytes=len(BURST))

    def _paced_of_relay(self) -> Ask:
        body = self.tools.body("paced.pb")
        return Ask(_REFERENCE_STREAM, body, self.sizes.paced, 64, streamed=True, least_bytes=PACED_BYTES)

    def _paced(self) -> Ask:
        body = self.folder / f"{PACED_ROUTE}.pb"
        return Ask(_STREAM, body, self.sizes.paced, 64, streamed=True, least_bytes=PACED_BYTES)
