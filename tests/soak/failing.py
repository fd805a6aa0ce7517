"""Very many calls, one in ten without an answer: each kind fails in its own way every time."""

from collections.abc import Sequence

from tests.soak.kinds import AT_THE_CALLER, CACHE, CANCELLED, LATE, MODEL, RULE, UNAVAILABLE, Kind
from tests.soak.plan import Plan

CALLS = 200_000
SOUND, SOUND_TOO = "answers", "answers-too"
NO_ANSWER = frozenset({UNAVAILABLE})
KINDS: Sequence[Kind] = (
    Kind(name="whole", share=39, says="nothing", targets=[SOUND, SOUND_TOO]),
    Kind(name="stream", share=38, says="nothing", targets=[SOUND, SOUND_TOO], streamed=True),
    Kind(
        name="cached",
        share=10,
        says="nothing; three questions for each place in the cache",
        targets=[SOUND],
        ends=frozenset({MODEL, CACHE}),
        questions=3000,
    ),
    Kind(name="fallback", share=1, says="500 from the first target", targets=["fails", SOUND]),
    Kind(name="moved-on", share=1, says="429 from the first target", targets=["limits", SOUND], streamed=True),
    Kind(name="rule", share=1, says="500 from all, a rule answers", targets=["fails"], ends=frozenset({RULE})),
    Kind(name="error", share=2, says="500 from all", targets=["fails", "fails-too"], ends=NO_ANSWER),
    Kind(name="limited", share=1, says="429 from all", targets=["limits"], streamed=True, ends=NO_ANSWER),
    Kind(name="cut", share=2, says="the stream breaks", targets=["cuts"], streamed=True, ends=NO_ANSWER),
    Kind(name="malformed", share=1, says="the answer is no JSON", targets=["babbles"], ends=NO_ANSWER),
    Kind(
        name="slow",
        share=1,
        says="no answer in time",
        targets=["dawdles"],
        settings={"attempt_timeout": "0.1s"},
        ends=NO_ANSWER,
    ),
    Kind(
        name="late",
        share=1,
        says="the caller's deadline passes",
        targets=["dawdles"],
        ends=frozenset({LATE, AT_THE_CALLER}),
        deadline=1.0,
    ),
    Kind(
        name="left",
        share=2,
        says="the caller leaves",
        targets=["drips"],
        streamed=True,
        ends=frozenset({CANCELLED}),
        leaves=True,
    ),
)


def failing(calls: int) -> Plan:
    """As fast as it goes."""
    return Plan(
        kinds=KINDS,
        calls=calls,
        failures=frozenset({"OVERLOADED", "RATE_LIMITED", "CUT_OFF", "MALFORMED", "TOO_SLOW"}),
        at_once=64,
        grows_over=0.5,
        provider={"circuit": {"enabled": False}},  # else the targets that always fail would not be asked
    )
