"""Asks one provider: the leaf below all layers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from opentelemetry.trace import NoOpTracer, Tracer

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Reply
from service.providers.discretion import Discretion
from service.providers.http import Answer, Http
from service.providers.span import Exchange
from service.providers.streamed import Heard, Streamed
from service.providers.wire import Wire

NOTICE = "from another model: the first choice could not answer"
REQUEST_ID = "x-request-id"
NO_SPANS = NoOpTracer()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is, who we are to it, and how its answers are marked."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str = field(default="", repr=False)
    """What of the headers nobody else may ever see."""
    source: pb.Source.ValueType = pb.SOURCE_MODEL


class Provider:
    """A handler that asks the model of the call's target, and streams if the caller does."""

    def __init__(
        self,
        address: Address,
        wire: Wire,
        http: Http,
        inject: Callable[[Call], Mapping[str, str]],
        tracer: Tracer = NO_SPANS,
        heard: Heard | None = None,
    ) -> None:
        """`inject` gives the headers by which the provider can join the call's trace."""
        self._address = address
        self._names_requests = all(name.lower() != REQUEST_ID for name in address.headers)
        """Whether the call's id goes along, as what operators look for in a gateway's log; theirs goes before ours."""
        self._discretion = Discretion(address.secret)
        self._wire = wire
        self._http = http
        self._inject = inject
        self._tracer = tracer
        self._heard = heard

    async def __call__(self, call: Call) -> Reply:
        """The answer, from its first byte. Raises Failure."""
        try:
            return await self._ask(call)
        except Failure as failure:
            raise self._discretion.failure(failure) from failure.__cause__

    async def _ask(self, call: Call) -> Reply:
        question = self._wire.encode(call.request, call.target.model, stream=call.asks_for_stream)
        url = self._address.base_url + question.path
        exchange = Exchange(call, self._tracer, url)
        try:
            answer = await self._http.post(url, self._headers(exchange.call), question.body, call.clocks.connect)
        except BaseException as error:
            exchange.end(error)
            raise
        exchange.answered(answer.status)
        if call.attempt is not None:
            call.attempt.provider_request_id = self._discretion.text(self._wire.request_id(answer.headers))
        try:
            return await self._reply(call, answer, exchange, question.adjustments)
        except BaseException as error:
            exchange.end(error)
            await answer.aclose()
            raise

    def _headers(self, call: Call) -> Mapping[str, str]:
        headers = {**self._address.headers, **self._inject(call)}
        if self._names_requests:
            headers[REQUEST_ID] = call.id
        return headers

    async def _reply(self, call: Call, answer: Answer, exchange: Exchange, adjustments: list[pb.Adjustment]) -> Reply:
        if not 200 <= answer.status < 300:
            raise self._wire.failure(answer.status, answer.headers, await answer.read_error())
        started = pb.Started(
            source=self._address.source,
            provider=call.target.provider,
            model=call.target.model,
            notice="" if call.target == call.candidates[0].target else NOTICE,
        )
        if call.asks_for_stream:
            streamed = Streamed(call, started, answer, self._wire.stream_decoder(call.request), self._heard)
            return Reply(_Polished(streamed, partial(self._polish, adjustments), self._discretion, exchange))
        events = self._wire.decode(await answer.read_all())
        await answer.aclose()
        exchange.end()
        self._polish(adjustments, events[-1].completed)
        return Reply.whole([pb.ChatEvent(started=started), *events])

    def _polish(self, adjustments: list[pb.Adjustment], completed: pb.ChatResponse) -> None:
        """Adds what was done to the request, and takes out what nobody may see."""
        completed.adjustments.extend(adjustments)
        completed.provider_finish_reason = self._discretion.text(completed.provider_finish_reason)


class _Polished:
    """The same events, the last one polished; the same failures, discreet. Its end is that of its exchange."""

    def __init__(
        self, source: Streamed, polish: Callable[[pb.ChatResponse], None], discretion: Discretion, exchange: Exchange
    ) -> None:
        self._exchange = exchange
        self._source = source
        self._polish = polish
        self._discretion = discretion

    async def __anext__(self) -> pb.ChatEvent:
        try:
            event = await self._source.__anext__()
        except Failure as failure:
            self._exchange.end(failure)
            raise self._discretion.failure(failure) from failure.__cause__
        if event.HasField("completed"):
            self._exchange.end()
            self._polish(event.completed)
        return event

    async def aclose(self) -> None:
        self._exchange.end()
        await self._source.aclose()
