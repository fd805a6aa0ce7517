"""S06, S07 and S09: the primary is silent, late, or falls silent.

At scale 10: limits of 1 s for each stage, 3 s in all; the first token comes after 2 s, a stall lasts 3 s. Nothing waits
for a backoff. A unary call asks for a whole answer, so that the attempt's limit bounds it, or, where the route says so,
for a stream, whose limits then hold; either way nobody has seen anything, and the call moves on.
"""

from dataclasses import dataclass

from tests.chaos.baseline import STALL
from tests.chaos.expect import expect, expect_that
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.seen import Seen
from tests.chaos.stage import HEALTHY, Stage

SCALE = 10
LATE = f"slow({20 / SCALE:g})"
STALLS = f"tokens(60)+stall(40,{30 / SCALE:g})"


def _within_the_limits(seen: Seen) -> None:
    """The primary's limit, 1 s, and what the secondary takes."""
    expect_that(1.0 <= seen.seconds < 2.0, f"it took {seen.seconds:.2f} s, with a limit of 1 s")


def _stalled_in_time(seen: Seen) -> None:
    limit = STALL / SCALE
    expect_that(bool(seen.text), "nothing of the answer was shown before it stalled")
    expect_that(limit <= seen.seconds < 2 * limit, f"the stall was told after {seen.seconds:.2f} s, not {limit:g} s")


@dataclass(frozen=True, slots=True)
class AndLivesOn:
    """A play, and another call at once after it."""

    play: OneCall

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await self.play(stage)
        after = await stage.ask(model=HEALTHY)
        expect("the next caller saw", after.phrase, "completed by primary")


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
        upstream="stream",
        play=_moves_on(LATE),
    ),
    Scenario(
        key="s09-upstream",
        does="stalls 30 s, the provider streams",
        modes=[Mode.UNARY],
        scale=SCALE,
        upstream="stream",
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
    Scenario(
        key="s09",
        does="stalls 30 s mid-stream",
        modes=[Mode.STREAM],
        scale=SCALE,
        play=AndLivesOn(
            OneCall(primary=STALLS, sees="UNAVAILABLE STALLED", attempts=["primary STALLED"], check=_stalled_in_time)
        ),
    ),
]
