"""S08, S09 and S14 for streams: what becomes of an answer that breaks after its caller has seen some of it.

A caller that only appends is shown the rest by a model that takes the beginning of its answer, or is told the truth
where there is none; one that can forget is shown an answer that begins anew. Either way what is completed is whole.

Cuts are at scale 1, because nothing waits. Stalls are at scale 10: limits of 1 s, and a silence of 3 s.
"""

from mainstay import assistant, user
from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.chaos.baseline import STALL
from tests.chaos.expect import expect_that
from tests.chaos.one_call import AndLivesOn, OneCall
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.seen import Seen
from tests.chaos.stage import QUESTION

SCALE = 10
TOKENS = 60
CUT = f"tokens({TOKENS})+cut(40)"
STALLS = f"tokens({TOKENS})+stall(40,{30 / SCALE:g})"
WELL = f"tokens({TOKENS})"
TAKES_A_BEGINNING = {"secondary/{}": {"prefill": True}}
APPENDS = RequestFields(policy=pb.CallPolicy(recovery=pb.RECOVERY_CONTINUE))
FORGETS = RequestFields(policy=pb.CallPolicy(recovery=pb.RECOVERY_RESTART))


BEGUN = [user(QUESTION), assistant("A circuit breaker")]
"""A question whose answer the caller itself has begun."""
PLAIN_TRUTH = RequestFields(policy=pb.CallPolicy(allow_degraded=False))


def _told(kind: str, fault: str) -> OneCall:
    """Honestly, after what there was."""

    def check(seen: Seen) -> None:
        words = len(seen.text.split())
        expect_that(20 <= words <= 40, f"{words} words were shown of 40 tokens")
        if kind == "STALLED":
            limit = STALL / SCALE
            expect_that(limit <= seen.seconds < 2 * limit, f"the stall was told after {seen.seconds:.2f} s")

    return OneCall(primary=fault, fields=APPENDS, sees=f"UNAVAILABLE {kind}", attempts=[f"primary {kind}"], check=check)


def _goes_on(kind: str, fault: str) -> OneCall:
    return OneCall(
        primary=fault,
        secondary=WELL,
        fields=APPENDS,
        sees="completed by secondary",
        attempts=[f"primary {kind}", "secondary ANSWERED"],
        resets=["CONTINUE"],
        tokens=TOKENS,
    )


def _begins_anew(kind: str, fault: str) -> OneCall:
    """Whoever broke it is asked once more, as VERDICTS allows, and not until nothing is left for anybody else."""
    return OneCall(
        primary=fault,
        secondary=WELL,
        fields=FORGETS,
        sees="completed by secondary",
        attempts=[f"primary {kind}", f"primary {kind}", "secondary ANSWERED"],
        resets=["DISCARD", "DISCARD"],
        tokens=TOKENS,
    )


SCENARIOS = [
    Scenario(
        key="s08",
        does="cuts the stream after 40 of 60 tokens",
        modes=[Mode.STREAM],
        play=_told("CUT_OFF", CUT),
    ),
    Scenario(
        key="s08-goes-on",
        does="the same, the next goes on from there",
        modes=[Mode.STREAM],
        models=TAKES_A_BEGINNING,
        play=_goes_on("CUT_OFF", CUT),
    ),
    Scenario(
        key="s08-anew",
        does="the same, the caller lets it begin anew",
        modes=[Mode.STREAM],
        play=_begins_anew("CUT_OFF", CUT),
    ),
    Scenario(
        key="s09",
        does="stalls 30 s mid-stream",
        modes=[Mode.STREAM],
        scale=SCALE,
        play=AndLivesOn(_told("STALLED", STALLS)),
    ),
    Scenario(
        key="s09-goes-on",
        does="the same, the next goes on from there",
        modes=[Mode.STREAM],
        scale=SCALE,
        models=TAKES_A_BEGINNING,
        play=_goes_on("STALLED", STALLS),
    ),
    Scenario(
        key="s09-anew",
        does="the same, the caller lets it begin anew",
        modes=[Mode.STREAM],
        scale=SCALE,
        play=_begins_anew("STALLED", STALLS),
    ),
    Scenario(
        key="s14",
        does="down, the next refuses the caller's prefix",
        play=OneCall(
            primary="reset",
            secondary="noprefix",
            question=BEGUN,
            fields=PLAIN_TRUTH,
            sees="UNAVAILABLE UNREACHABLE",
            attempts=["primary UNREACHABLE"] * 3 + ["secondary INVALID_REQUEST"],
        ),
    ),
    Scenario(
        key="s14-mid",
        does="cuts the stream, the next refuses ours",
        modes=[Mode.STREAM],
        models=TAKES_A_BEGINNING,
        play=OneCall(
            primary=CUT,
            secondary="noprefix",
            fields=APPENDS,
            sees="UNAVAILABLE CUT_OFF",
            attempts=["primary CUT_OFF", "secondary INVALID_REQUEST"],
        ),
    ),
]
