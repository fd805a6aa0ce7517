"""What was asked and answered, on the span of each attempt: a layer, in no stack unless it is switched on."""

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.fold import Fold
from service.chat.reply import Ending, Handler, Reply
from service.telemetry.redaction import Mask
from service.telemetry.traces.messages import as_json


class Content:
    """Stands right below the attempt, whose span it writes on."""

    def __init__(self, mask: Mask) -> None:
        """`mask` takes out known credentials."""
        self._mask = mask

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """The same reply; what was read of it by its end, of whichever kind, is on the span."""
        span = call.span
        if not span.is_recording():
            return await forward(call)
        span.set_attribute("gen_ai.input.messages", as_json(call.request.messages, self._clean))
        heard = _Heard(await forward(call))
        reply = heard.reply if heard.reply.is_whole else Reply(heard)
        for event in reply.at_hand:
            heard.fold.add(event)

        def tell(ending: Ending) -> None:
            span.set_attribute("gen_ai.output.messages", as_json([heard.fold.message()], self._clean))

        reply.watch(tell)
        return reply

    def _clean(self, text: str) -> str:
        return self._mask(text.encode()).decode()


class _Heard:
    """The same events, folded as they pass."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.fold = Fold()

    async def __anext__(self) -> pb.ChatEvent:
        event = await self.reply.__anext__()
        self.fold.add(event)
        return event

    async def aclose(self) -> None:
        await self.reply.aclose()
