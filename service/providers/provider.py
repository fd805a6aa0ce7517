"""Asks one provider: the leaf below all layers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from opentelemetry.trace import NoOpTracer, Tracer

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Reply
from service.providers.allowances import allowances_of
from service.providers.auth.credentials import Credentials, Nobody
from service.providers.http import Answer, Http
from service.providers.identified import Identified, Identity
from service.providers.opaque import with_issuer
from service.providers.span import Exchange
from service.providers.streamed import Heard, Streamed
from service.providers.wire import Wire

NOTICE = "from another model: the first choice could not answer"
QUICKER = "from another model: it was quicker than the first choice"
REQUEST_ID = "x-request-id"
NO_SPANS = NoOpTracer()

Polish = Callable[[pb.ChatResponse], None]
"""The last touch to an answer."""


def _nothing_to_remark(model: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is, what every request to it carries, and how its answers are marked."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)
    """What of the headers nobody else may ever see."""
    query: str = ""
    """What every URL ends with, without a question mark."""
    source: pb.Source.ValueType = pb.SOURCE_MODEL
    remark: Callable[[str], str] = _nothing_to_remark
    """What callers should know of a model that answers them, such as that it will be gone soon; empty: nothing."""


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
        credentials: Credentials | None = None,
    ) -> None:
        """`inject` gives the headers by which the provider can join the call's trace.

        `credentials` are who we are to it; None: the address has all that it wants.
        """
        self._address = address
        self._names_requests = all(name.lower() != REQUEST_ID for name in address.headers)
        """Whether the call's id goes along, as what operators look for in a gateway's log; theirs goes before ours."""
        self._identity = Identity(credentials or Nobody(), tuple(address.secrets))
        self._wire = wire
        self._http = http
        self._inject = inject
        self._tracer = tracer
        self._heard = heard

    async def __call__(self, call: Call) -> Reply:
        """The answer, from its first byte. Raises Failure."""
        who = await self._identity.for_request(call.target, None if call.permit is None else call.permit.key)
        try:
            return await self._ask(call, who)
        except Failure as failure:
            raise who.judged(failure) from failure.__cause__

    async def _ask(self, call: Call, who: Identified) -> Reply:
        question = self._wire.encode(call.request, call.target.model, stream=call.asks_for_stream)
        url = self._url(question.path)
        exchange = Exchange(call, self._tracer, url)
        try:
            answer = await self._http.post(url, self._headers(exchange.call, who), question.body, call.clocks.connect)
        except BaseException as error:
            exchange.end(error)
            raise
        exchange.answered(answer.status)
        if call.permit is not None and (said := allowances_of(answer.headers)) is not None:
            call.permit.heard(said)
        if call.attempt is not None:
            call.attempt.provider_request_id = who.discretion.text(self._wire.request_id(answer.headers))
        try:
            return await self._reply(call, answer, exchange, partial(_polish, question.adjustments, who), who)
        except BaseException as error:
            exchange.end(error)
            await answer.aclose()
            raise

    def _url(self, path: str) -> str:
        url, query = self._address.base_url + path, self._address.query
        return f"{url}{'&' if '?' in path else '?'}{query}" if query else url

    def _headers(self, call: Call, who: Identified) -> Mapping[str, str]:
        headers = {**self._address.headers, **who.credential.headers, **self._inject(call)}
        if self._names_requests:
            headers[REQUEST_ID] = call.id
        return headers

    async def _reply(self, call: Call, answer: Answer, exchange: Exchange, polish: Polish, who: Identified) -> Reply:
        if not 200 <= answer.status < 300:
            raise self._wire.failure(answer.status, answer.headers, await answer.read_error())
        started = pb.Started(
            source=self._address.source,
            provider=call.target.provider,
            model=call.target.model,
            notice=self._notice(call),
        )
        if call.asks_for_stream:
            streamed = Streamed(call, started, answer, self._wire.stream_decoder(call.request), self._heard)
            return Reply(_Polished(streamed, polish, who, exchange))
        events = self._wire.decode(await answer.read_all())
        await answer.aclose()
        exchange.end()
        polish(events[-1].completed)
        return Reply.whole([pb.ChatEvent(started=started), *with_issuer(events, call.target.provider)])

    def _notice(self, call: Call) -> str:
        other = QUICKER if call.cause == pb.ATTEMPT_CAUSE_HEDGE else NOTICE
        if call.target == call.candidates[0].target:
            other = ""
        return "; ".join(filter(None, (other, self._address.remark(call.target.model))))


def _polish(adjustments: list[pb.Adjustment], who: Identified, completed: pb.ChatResponse) -> None:
    """Adds what was done to the request, and takes out what nobody may see."""
    completed.adjustments.extend(adjustments)
    completed.provider_finish_reason = who.discretion.text(completed.provider_finish_reason)


class _Polished:
    """The same events, the last one polished; the same failures, judged. Its end is that of its exchange."""

    def __init__(self, source: Streamed, polish: Polish, who: Identified, exchange: Exchange) -> None:
        self._exchange = exchange
        self._source = source
        self._polish = polish
        self._who = who

    async def __anext__(self) -> pb.ChatEvent:
        try:
            event = await self._source.__anext__()
        except Failure as failure:
            self._exchange.end(failure)
            raise self._who.judged(failure) from failure.__cause__
        if event.HasField("completed"):
            self._exchange.end()
            self._polish(event.completed)
        return event

    async def aclose(self) -> None:
        self._exchange.end()
        await self._source.aclose()
