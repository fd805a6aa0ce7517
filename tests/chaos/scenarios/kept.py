"""M02 and M03, their other half: an answer past its time stands in. Scale 1, as in `short` and `down`.

Nobody waits for an answer to age: the second call takes only fresher ones than there can be.
"""

from dataclasses import dataclass

from google.protobuf.duration_pb2 import Duration

from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.chaos.expect import expect, expect_that
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import Scenario
from tests.chaos.scenarios.down import ALL_DOWN
from tests.chaos.scenarios.short import DEADLINE, LATE
from tests.chaos.seen import Seen
from tests.chaos.stage import Stage

AT_ONCE = Duration(nanos=1_000_000)
KEPT = RequestFields(policy=pb.CallPolicy(cache=pb.CACHE_MODE_USE))
ANY_AGE = RequestFields(policy=pb.CallPolicy(cache=pb.CACHE_MODE_USE, cache_max_age=AT_ONCE, allow_stale=True))


@dataclass(frozen=True, slots=True)
class AfterAnAnswer:
    """A play, and a call before it that is answered and kept."""

    play: OneCall

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        first = await stage.ask(**KEPT)
        expect("the first caller saw", first.phrase, "completed by primary")
        for provider in stage.house.providers.values():
            await provider.forget()
        await self.play(stage)


def _says_how_old(seen: Seen) -> None:
    expect_that("old" in seen.answer.notice, f"the notice does not say how old it is: {seen.answer.notice!r}")
    expect_that(seen.provenance.HasField("cached_at"), "the provenance does not say when it was kept")
    expect("whose answer it was", seen.provenance.provider, "primary")


def _says_so_in_time(seen: Seen) -> None:
    _says_how_old(seen)
    expect_that(seen.seconds < DEADLINE, f"it came after {seen.seconds:.2f} s, past the deadline of {DEADLINE:g} s")


SCENARIOS = [
    Scenario(
        key="m02-stale",
        does="the same, an old answer is in the cache",
        play=AfterAnAnswer(
            OneCall(
                primary=LATE,
                secondary=LATE,
                seconds=DEADLINE,
                fields=ANY_AGE,
                sees="stale answer",
                attempts=["primary ABANDONED"],
                check=_says_so_in_time,
            )
        ),
    ),
    Scenario(
        key="m03-stale",
        does="the same, an old answer is in the cache",
        play=AfterAnAnswer(
            OneCall(
                primary="reset",
                secondary="reset",
                fields=ANY_AGE,
                sees="stale answer",
                attempts=ALL_DOWN,
                check=_says_how_old,
            )
        ),
    ),
]
