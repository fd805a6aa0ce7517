"""The commonest play: the providers misbehave, one call is made, and it must end so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mainstay.messages import Question, RequestFields
from tests.chaos.expect import expect, expect_that
from tests.chaos.seen import Seen
from tests.chaos.stage import HEALTHY, QUESTION, Stage


def nothing_else(_: Seen) -> None:
    """No further demand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneCall:
    """A play. `attempts` are the rows that the provenance must hold, in order, and what the providers say, too.

    None: any that the providers bear out.
    """

    primary: str = ""
    """What the primary does; in the simulator's words."""
    first: int | None = None
    """Only to this many requests."""
    secondary: str = ""
    sees: str
    attempts: Sequence[str] | None
    resets: Sequence[str] = ()
    """How a stream that broke went on."""
    tokens: int | None = None
    """Those of the whole answer, which is what is shown if any is completed."""
    question: Question = QUESTION
    seconds: float | None = None
    """The caller's deadline, if not the baseline's."""
    fields: RequestFields = field(default_factory=RequestFields)
    check: Callable[[Seen], None] = nothing_else

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await stage.break_with(primary=self.primary, secondary=self.secondary, first=self.first)
        seen = await stage.ask(self.seconds, self.question, **self.fields)
        stage.tell_of(seen)
        expect("the caller saw", seen.phrase, self.sees)
        if self.attempts is not None:
            expect("attempts", seen.attempts, list(self.attempts))
        expect("resets", list(seen.resets), list(self.resets))
        await stage.expect_the_truth(seen)
        await self._expect_no_less(stage, seen)
        self.check(seen)

    async def _expect_no_less(self, stage: Stage, seen: Seen) -> None:
        """What is told to be an answer is one, and whole."""
        if seen.response is None:
            return
        expect_that(bool(seen.response.message.parts), "an empty success")
        if self.tokens is not None:
            expect("the whole answer", seen.text, await stage.whole_text(self.tokens))


@dataclass(frozen=True, slots=True)
class AndLivesOn:
    """A play, and another call at once after it."""

    play: OneCall

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await self.play(stage)
        after = await stage.ask(model=HEALTHY)
        expect("the next caller saw", after.phrase, "completed by primary")
