"""The ways of SCENARIOS.md, part A, in which a call in ten is broken, while the service is at 70 % of what it can do.

Each way has a model of its own, which breaks where the question says so, and another to go to. Circuits, limits,
recovery and, in places, hedging are on. Time limits are a tenth of the scenarios'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mainstay import v1 as pb
from tests.soak.kinds import CACHE, MODEL, REFUSED, UNAVAILABLE, Kind
from tests.soak.manners import MANNERS
from tests.soak.plan import Plan

MINUTES = 10.0
LOAD = 0.7
SOUND_FOR_EACH = 8
"""Sound calls for each that is broken; as many more come from the cache that one in ten of all is broken."""
UNARY, STREAM = False, True
NEXT = "answers"
UPSTREAM = {"upstream": "stream"}
APPENDS = pb.CallPolicy(recovery=pb.RECOVERY_CONTINUE)
FORGETS = pb.CallPolicy(recovery=pb.RECOVERY_RESTART)
LIMITS = {"first_token_timeout": "1s", "attempt_timeout": "1s", "stall_timeout": "1s"}
PROVIDER: Mapping[str, Any] = {
    "circuit": {"window": "10s", "opens_for": "1s", "opens_at_most": "4s"},
    "limits": {"concurrency": 1000, "requests_per_minute": 1_000_000, "tokens_per_minute": 100_000_000},
    "models": {
        "s12": {"context_tokens": 8_000},
        "large": {"context_tokens": 128_000},
        "goes-on": {"prefill": True},
        "no-prefix": {"prefill": True},
    },
}


@dataclass(frozen=True, slots=True)
class Way:
    """One in which calls are broken; its model has its name or, if there is none, what stands before the dash."""

    name: str
    says: str
    modes: Sequence[bool] = (UNARY, STREAM)
    ends: str = MODEL
    next: str = NEXT
    """The model of the second target."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    policy: pb.CallPolicy | None = None
    begun: str = ""

    @property
    def model(self) -> str:
        """That of its first target."""
        return self.name if self.name in MANNERS else self.name.partition("-")[0]


WAYS = (
    Way("s01", "429 and Retry-After, once"),
    Way("s02", "429, always"),
    Way("s03", "500, once"),
    Way("s04", "503, always"),
    Way("s05", "TCP reset"),
    Way("s06", "accepts and never answers"),
    Way("s07", "the first token is late; hedged", settings={"hedge": {"use": True, "spare": True}}),
    Way("s07-upstream", "the same, the provider streams", [UNARY], settings=UPSTREAM),
    Way("s08", "cut in the middle", [UNARY]),
    Way("s08-upstream", "the same, the provider streams", [UNARY], settings=UPSTREAM),
    Way("s08-told", "the stream is cut, nobody can go on", [STREAM], UNAVAILABLE, policy=APPENDS),
    Way("s08-on", "the stream is cut, the next goes on", [STREAM], next="goes-on", policy=APPENDS),
    Way("s08-anew", "the stream is cut and begins anew", [STREAM], policy=FORGETS),
    Way("s09", "stalls in the middle", [UNARY]),
    Way("s09-upstream", "the same, the provider streams", [UNARY], settings=UPSTREAM),
    Way("s09-told", "the stream stalls, nobody can go on", [STREAM], UNAVAILABLE, policy=APPENDS),
    Way("s09-on", "the stream stalls, the next goes on", [STREAM], next="goes-on", policy=APPENDS),
    Way("s09-anew", "the stream stalls and begins anew", [STREAM], policy=FORGETS),
    Way("s10", "a malformed chunk, or body"),
    Way("s11", "no [DONE]", [STREAM]),
    Way("s11-held", "no [DONE], the connection stays open", [STREAM]),
    Way("s12", "context length exceeded", next="large"),
    Way("s13", "content filter", ends=REFUSED, next="filters"),
    Way("s14", "down, the next refuses the caller's beginning", ends=UNAVAILABLE, next="no-prefix", begun="Well: "),
    Way("s14-mid", "the stream is cut, the next refuses", [STREAM], UNAVAILABLE, next="no-prefix", policy=APPENDS),
    Way("s16", "502, then another answers"),
)
FAILURES = frozenset(
    {
        "CONTENT_FILTERED",
        "CONTEXT_TOO_LONG",
        "CUT_OFF",
        "INVALID_REQUEST",
        "MALFORMED",
        "OVERLOADED",
        "RATE_LIMITED",
        "STALLED",
        "TOO_SLOW",
        "UNREACHABLE",
    }
)
DOWN_NOW_AND_THEN = Way("s15", "down for a tenth of the time")


def broken(minutes: float) -> Plan:
    """At its load for so long; what is made once is made within the first fifth."""
    return Plan(
        kinds=kinds(),
        provider=PROVIDER,
        failures=FAILURES,
        at_once=256,
        grows_over=0.8,
        seconds=60 * minutes,
        load=LOAD,
    )


def kinds() -> Sequence[Kind]:
    """Of each way and mode sound and broken ones, which share a route; and those from the cache."""
    of_ways = [kind for way in WAYS for kind in _of_way(way)]
    down = [_sound(DOWN_NOW_AND_THEN, mode, 1 + SOUND_FOR_EACH) for mode in DOWN_NOW_AND_THEN.modes]
    broken_ones = sum(kind.breaks for kind in of_ways) + len(down)
    cached = Kind(
        name="cached",
        share=10 * broken_ones - sum(kind.share for kind in [*of_ways, *down]),
        says="nothing; three questions for each place in the cache",
        targets=[NEXT],
        ends=frozenset({MODEL, CACHE}),
        questions=3000,
    )
    return [*of_ways, *down, cached]


def _of_way(way: Way) -> Sequence[Kind]:
    sound = [_sound(way, mode, SOUND_FOR_EACH) for mode in way.modes]
    return [kind for one in sound for kind in (one, _broken(way, one))]


def _sound(way: Way, streamed: bool, share: int) -> Kind:
    return Kind(
        name=f"{way.name}-stream" if streamed else way.name,
        share=share,
        says="nothing",
        targets=[way.model, way.next],
        settings={**LIMITS, "degrade": False, **way.settings},
        streamed=streamed,
        policy=way.policy,
        begun=way.begun,
    )


def _broken(way: Way, sound: Kind) -> Kind:
    return replace(
        sound,
        name=f"{sound.name}-broken",
        share=1,
        says=way.says,
        shares=sound.name,
        breaks=True,
        ends=frozenset({way.ends}),
    )
