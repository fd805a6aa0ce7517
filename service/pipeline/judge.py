"""Says of an answer whether it has the form that was asked for, and reports it."""

from collections.abc import Callable
from dataclasses import dataclass

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.forms import Finding, Forms, Unchecked
from service.pipeline.facts import AnswerChecked, Fit, Observe
from service.policies.conformity import Heard, schema_of, why_no_use

SECONDS = 5.0
"""Most for one answer, if its call has them left."""
SHARE = 0.8
"""Of the time that is left: the answer is there, and must be given out in any case."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of it."""

    output: pb.StructuredOutput | None
    """What its caller is told. None: it is no answer yet, the model waits for tools."""
    repaired: str = ""
    """The text to put in place of its own; empty: none."""
    is_final: bool = True
    """Asking the target again makes no sense."""


class Judge:
    """Knows whom to ask."""

    def __init__(self, *, forms: Forms, now: Callable[[], float], observe: Observe) -> None:
        self._forms = forms
        self._now = now
        self._observe = observe

    async def __call__(self, call: Call, heard: Heard, *, repair: bool) -> Judgement:
        """On an answer that has come to its end; with `repair` a text may be put in place of its own."""
        if heard.wants_tools:
            return Judgement(None)
        if (why := why_no_use(heard.finish)) is not None:
            return self._told(call, Fit.UNFIT, Judgement(_invalid(why)))
        schema = schema_of(call.request)
        seconds = min(SECONDS, SHARE * (call.deadline - self._now()))
        try:
            finding = await self._forms.look(heard.text, schema, repair=repair, seconds=seconds)
        except Unchecked as unchecked:
            return self._told(call, Fit.UNCHECKED, Judgement(_invalid(str(unchecked))))
        return self._found(call, finding)

    def _found(self, call: Call, finding: Finding) -> Judgement:
        if not finding.violations:
            return self._told(call, Fit.VALID, Judgement(pb.StructuredOutput(valid=True)))
        if finding.repaired:
            output = pb.StructuredOutput(valid=True, repaired=True)
            return self._told(call, Fit.REPAIRED, Judgement(output, finding.repaired))
        return self._told(call, Fit.UNFIT, Judgement(_invalid(*finding.violations), is_final=False))

    def _told(self, call: Call, fit: Fit, judgement: Judgement) -> Judgement:
        self._observe(call, AnswerChecked(call.ledger.answered, call.target, fit))
        return judgement


def _invalid(*violations: str) -> pb.StructuredOutput:
    return pb.StructuredOutput(valid=False, violations=violations)
