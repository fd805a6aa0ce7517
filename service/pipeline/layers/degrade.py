"""Lets a rule answer, visibly, when nobody else can.

It stands outside whatever may wait and outside the cache: a rule's answer is there at once and is never stored.
"""

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.pipeline.facts import Degraded, Observe
from service.policies.rules import Answer, RuleBook


class Degrade:
    """Turns a failure that a rule may stand in for into an OK answer, whose source is RULE and whose notice says so."""

    def __init__(self, *, rules: RuleBook, observe: Observe) -> None:
        self._rules = rules
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises the failures of calls that no rule may answer. A reply that is committed is left alone."""
        try:
            return await forward(call)
        except Failure as failure:
            if not (failure.verdict.stand_in and call.conditions.degrade and _wants_plain_text(call.request)):
                raise
            answer = self._rules.answer(_question(call.request))
            self._observe(call, Degraded(answer.rule, failure))
            return _reply(answer)


def _wants_plain_text(request: pb.ChatRequest) -> bool:
    return not request.tools and not request.HasField("response_format")


def _question(request: pb.ChatRequest) -> str:
    """The text of the last message that a user wrote."""
    for message in reversed(request.messages):
        if message.role == pb.ROLE_USER:
            return "\n".join(part.text for part in message.parts if part.HasField("text"))
    return ""


def _reply(answer: Answer) -> Reply:
    # No provider, model or usage: nobody was asked in the end.
    return Reply.whole(
        [
            pb.ChatEvent(started=pb.Started(source=pb.SOURCE_RULE, notice=answer.notice)),
            pb.ChatEvent(text_delta=pb.TextDelta(part=0, text=answer.text)),
            pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP)),
        ]
    )
