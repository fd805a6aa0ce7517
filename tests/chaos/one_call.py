"""The commonest play: the providers misbehave, one call is made, and it must end so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mainstay.messages import RequestFields
from tests.chaos.expect import expect, expect_that
from tests.chaos.seen import Seen
from tests.chaos.stage import Stage


def nothing_else(_: Seen) -> None:
    """No further demand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCall:
    """A play. `attempts` are the rows that the provenance must hold, in order, and what the providers say, too."""

    primary: str = ""
    """What the primary does; in the simulator's words."""
    first: int | None = None
    """Only to this many requests."""
    secondary: str = ""
    sees: str
    attempts: Sequence[str]
    seconds: float | None = None
    """The caller's deadline, if not the baseline's."""
    fields: RequestFields = field(default_factory=RequestFields)
    check: Callable[[Seen], None] = nothing_else

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await stage.break_with(primary=self.primary, secondary=self.secondary, first=self.first)
        seen = await stage.ask(self.seconds, **self.fields)
        stage.tell_of(seen)
        expect("the caller saw", seen.phrase, self.sees)
        expect("attempts", seen.attempts, list(self.attempts))
        await stage.expect_the_truth(seen)
        if seen.response is not None:
            expect_that(bool(seen.response.message.parts), "an empty success")
        self.check(seen)
