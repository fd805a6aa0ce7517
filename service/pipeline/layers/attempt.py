"""One ledger row and one span for each request to a target."""

from collections.abc import Callable, Collection
from typing import NamedTuple, assert_never

from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.elapsed import put
from service.chat.failures import Failure
from service.chat.reply import Abandoned, Broken, Completed, Ending, Handler, Reply
from service.chat.so_far import SoFar
from service.chat.spans import child_of, describe, inside, known_as
from service.chat.target import Target
from service.pipeline import genai
from service.pipeline.billing import UNPRICED, Billing
from service.pipeline.facts import AttemptEnded, FirstToken, Observe


class Attempt:
    """Keeps the books of one request: opened before it is made, closed when its reply ends, whichever way."""

    def __init__(
        self,
        *,
        now: Callable[[], float],
        tracer: Tracer,
        observe: Observe,
        billing: Billing = UNPRICED,
        named: Collection[Target] = (),
    ) -> None:
        """`named` are the targets that the configuration names: only they give spans their names."""
        self._now = now
        self._tracer = tracer
        self._observe = observe
        self._named = named
        self._books = _Books(now, observe, billing)

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises what it gets, once the row says so."""
        began = self._now()
        row = call.ledger.open(call.target, call.cause, began - call.arrived)
        span = child_of(call, self._tracer, "chat", SpanKind.CLIENT)
        if span.is_recording():
            span.update_name(f"chat {known_as(call.target, row.model, self._named)}")
            describe(span, lambda: genai.asked(call, row))
        entry = _Entry(self._books, call, row, span, began)

        def spoke() -> None:
            self._observe(below_this, FirstToken(row.number, call.target, entry.spoke()))

        below_this = changed(
            call,
            span=inside(call, span),
            attempt=row,
            so_far=entry.so_far,
            spoke=spoke if call.asks_for_stream else call.spoke,
        )
        try:
            reply = await forward(below_this)
        except Failure as failure:
            entry.close(Broken(failure))
            raise
        except BaseException:
            entry.close(Abandoned())
            raise
        reply.watch(entry.close)
        return reply


class _Books(NamedTuple):
    now: Callable[[], float]
    observe: Observe
    billing: Billing


class _Entry:
    def __init__(self, books: _Books, call: Call, row: pb.Attempt, span: Span, began: float) -> None:
        self._now, self._observe, self._billing = books
        self._call = call
        self._row = row
        self._span = span
        self._began = began
        self.so_far = SoFar()

    def spoke(self) -> float:
        seconds = self._now() - self._began
        put(self._row.time_to_first_token, seconds)
        if self._span.is_recording():
            self._span.set_attribute("gen_ai.response.time_to_first_chunk", seconds)
        return seconds

    def close(self, ending: Ending) -> None:
        row = self._row
        put(row.latency, self._now() - self._began)
        match ending:
            case Completed(response):
                row.outcome = pb.ATTEMPT_OUTCOME_ANSWERED
                if response.HasField("usage"):
                    row.usage.CopyFrom(response.usage)
                describe(self._span, lambda: {"gen_ai.response.finish_reasons": genai.finish(response)})
            case Broken(failure):
                never_sent = failure.kind == pb.FAILURE_KIND_UNSUPPORTED
                row.outcome = pb.ATTEMPT_OUTCOME_SKIPPED if never_sent else pb.ATTEMPT_OUTCOME_FAILED
                row.failure = failure.kind
                row.detail = failure.detail
                row.provider_request_id = failure.provider_request_id or row.provider_request_id
                self._span.set_attribute("error.type", failure.reason)
                self._span.set_status(StatusCode.ERROR, failure.reason)
            case Abandoned():
                row.outcome = pb.ATTEMPT_OUTCOME_ABANDONED
            case _:
                assert_never(ending)
        self._billing.charge(self._call, row, self.so_far.bytes)
        if self._call.permit is not None:  # each copy has its own, and is over when it is
            self._call.permit.ended(ending)
        if self._span.is_recording():
            describe(self._span, lambda: genai.came_of_it(row))
            self._span.end()
        self._observe(self._call, AttemptEnded(row, ending.failure if isinstance(ending, Broken) else None))
