"""One span from the question to the last event of its answer."""

from collections.abc import Collection

from opentelemetry.trace import Span, StatusCode, Tracer

from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.reply import Broken, Ending, Handler, Reply
from service.chat.spans import child_of, inside, known_as, readable
from service.chat.target import Target


class Trace:
    """The outermost layer: sees everything that becomes of a call, and is the parent of every span below."""

    def __init__(self, *, tracer: Tracer, named: Collection[Target] = ()) -> None:
        """`named` are the targets that the configuration names: only they, and routes, give spans their names."""
        self._tracer = tracer
        self._named = named

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises what it gets, once the span says so."""
        span = child_of(call, self._tracer, "chat")
        if not span.is_recording():
            return await forward(call)
        span.update_name(f"chat {call.route or known_as(call.target, str(call.target), self._named)}")
        span.set_attribute("mainstay.route", call.route)
        span.set_attribute("mainstay.model", readable(call.request.model))
        try:
            reply = await forward(changed(call, span=inside(call, span)))
        except Failure as failure:
            _end(span, call, failure)
            raise
        except BaseException:
            _end(span, call)
            raise

        def ended(ending: Ending) -> None:
            _end(span, call, ending.failure if isinstance(ending, Broken) else None)

        reply.watch(ended)
        return reply


def _end(span: Span, call: Call, failure: Failure | None = None) -> None:
    span.set_attribute("mainstay.attempts", call.ledger.requests)
    if failure is not None:
        span.set_attribute("error.type", failure.reason)
        span.set_status(StatusCode.ERROR, failure.reason)
    span.end()
