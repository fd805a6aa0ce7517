"""One span from the question to the last event of its answer."""

from opentelemetry.trace import Span, StatusCode, Tracer

from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Broken, Completed, Ending, Handler, Reply
from service.pipeline.spans import below, child_of


class Trace:
    """The outermost layer: sees everything that becomes of a call, and is the parent of every span below."""

    def __init__(self, *, tracer: Tracer) -> None:
        self._tracer = tracer

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises what it gets, once the span says so."""
        model = call.request.model
        about = {"gen_ai.operation.name": "chat", "gen_ai.request.model": model, "mainstay.call.id": call.id}
        span = child_of(call, self._tracer, f"chat {model}", about)
        try:
            reply = await forward(below(call, span))
        except Failure as failure:
            _failed(span, failure)
            raise
        except BaseException:
            span.end()
            raise
        reply.watch(lambda ending: _ended(span, ending))
        return reply


def _ended(span: Span, ending: Ending) -> None:
    if isinstance(ending, Broken):
        _failed(span, ending.failure)
        return
    if isinstance(ending, Completed) and ending.response.HasField("usage"):
        span.set_attribute("gen_ai.usage.input_tokens", ending.response.usage.input_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", ending.response.usage.output_tokens)
    span.end()


def _failed(span: Span, failure: Failure) -> None:
    span.set_attribute("error.type", failure.reason)
    span.set_status(StatusCode.ERROR, failure.reason)
    span.end()
