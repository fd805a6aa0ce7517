"""S06, S07 and S09: the primary is silent, late, or falls silent before anything is shown.

At scale 10: limits of 1 s for each stage, 3 s in all; the first token comes after 2 s, a stall lasts 3 s. Nothing waits
for a backoff. A unary call asks for a whole answer, so that the attempt's limit bounds it, or, where the route says so,
for a stream, whose limits then hold; either way nobody has seen anything, and the call moves on.
"""

from tests.chaos.expect import expect_that
from tests.chaos.one_call import AndLivesOn, OneCall
from tests.chaos.scenario import UPSTREAM, Mode, Scenario
from tests.chaos.seen import Seen

SCALE = 10
LATE = f"slow({20 / SCALE:g})"
STALLS = f"tokens(60)+stall(40,{30 / SCALE:g})"


def _within_the_limits(seen: Seen) -> None:
    """The primary's limit, 1 s, and what the secondary takes."""
    expect_that(1.0 <= seen.seconds < 2.0, f"it took {seen.seconds:.2f} s, with a limit of 1 s")


def _moves_on(primary: str) -> OneCall:
    return OneCall(
        primary=primary,
        sees="completed by secondary",
        attempts=["primary TOO_SLOW", "secondary ANSWERED"],
        check=_within_the_limits,
    )


SCENARIOS = [
    Scenario(key="s06", does="accepts and never answers", scale=SCALE, play=_moves_on("silence")),
    Scenario(
        key="s07",
        does="first token after 20 s",
        scale=SCALE,
        play=_moves_on(LATE),
    ),
    Scenario(
        key="s07-upstream",
        does="the same, the provider streams",
        modes=[Mode.UNARY],
        scale=SCALE,
        route=UPSTREAM,
        play=_moves_on(LATE),
    ),
    Scenario(
        key="s09-upstream",
        does="stalls 30 s, the provider streams",
        modes=[Mode.UNARY],
        scale=SCALE,
        route=UPSTREAM,
        play=OneCall(
            primary=STALLS,
            sees="completed by secondary",
            attempts=["primary STALLED", "primary STALLED", "secondary ANSWERED"],
        ),
    ),
    Scenario(
        key="s09",
        does="stalls 30 s mid-answer",
        modes=[Mode.UNARY],
        scale=SCALE,
        play=AndLivesOn(_moves_on(STALLS)),
    ),
]
