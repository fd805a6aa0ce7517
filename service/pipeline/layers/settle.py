"""Settles for an answer that has not got the form that was asked for, when nobody gives one that has.

The other half is `conform`, which stands further in and holds each target's answer against the form.
"""

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.forms import Forms
from service.chat.reply import Handler, Reply
from service.policies.conformity import schema_of


class Settle:
    """Sees to it that nobody is asked in vain and no answer is lost: one that does not fit is better than none."""

    def __init__(self, *, forms: Forms) -> None:
        self._forms = forms

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises Failure(INVALID_REQUEST) for a schema that is none; and what it gets while no answer is in hand."""
        if not call.request.HasField("response_format"):
            return await forward(call)
        await self._expect_schema(schema_of(call.request))
        try:
            return await forward(call)
        except Failure:
            if not call.ledger.in_hand:
                raise
            return Reply.whole(map(_copy, call.ledger.in_hand))

    async def _expect_schema(self, schema: str) -> None:
        if schema and (wrong := await self._forms.wrong_with(schema)) is not None:
            raise Failure(pb.FAILURE_KIND_INVALID_REQUEST, f"response_format.json_schema.schema_json {wrong}")


def _copy(event: pb.ChatEvent) -> pb.ChatEvent:
    """Several calls may share what is in hand, and each changes what it reads."""
    copy = pb.ChatEvent()
    copy.CopyFrom(event)
    return copy
