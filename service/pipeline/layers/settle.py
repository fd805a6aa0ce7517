"""Settles for an answer that has not got the form that was asked for, when nobody gives one that has.

The other half is `conform`, which stands further in and holds each target's answer against the form.
"""

from collections.abc import Callable

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.forms import Forms
from service.chat.reply import Handler, Reply
from service.policies.conformity import schema_of

SHARE = 0.5
"""Of the time that is left, to find out whether the schema is one. It stands outside the time limit."""


class Settle:
    """Sees to it that nobody is asked in vain and no answer is lost: one that does not fit is better than none."""

    def __init__(self, *, forms: Forms, now: Callable[[], float]) -> None:
        self._forms = forms
        self._now = now

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises Failure(INVALID_REQUEST) for a schema that is none; and what it gets while no answer is in hand."""
        if not call.request.HasField("response_format"):
            return await forward(call)
        await self._expect_schema(schema_of(call.request), SHARE * (call.deadline - self._now()))
        try:
            return await forward(call)
        except Failure:
            if not call.ledger.in_hand:
                raise
            return Reply.whole(map(_copy, call.ledger.in_hand))

    async def _expect_schema(self, schema: str, seconds: float) -> None:
        if schema and (wrong := await self._forms.wrong_with(schema, seconds=seconds)) is not None:
            raise Failure(pb.FAILURE_KIND_INVALID_REQUEST, f"response_format.json_schema.schema_json {wrong}")


def _copy(event: pb.ChatEvent) -> pb.ChatEvent:
    """Several calls may share what is in hand, and each changes what it reads."""
    copy = pb.ChatEvent()
    copy.CopyFrom(event)
    return copy
