"""Asks one provider: the leaf below all layers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Reply
from service.providers.discretion import Discretion
from service.providers.http import Answer, Http
from service.providers.streamed import Streamed
from service.providers.wire import Wire

NOTICE = "from another model: the first choice could not answer"


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

    def __init__(self, address: Address, wire: Wire, http: Http, inject: Callable[[Call], Mapping[str, str]]) -> None:
        """`inject` gives the headers by which the provider can join the call's trace."""
        self._address = address
        self._discretion = Discretion(address.secret)
        self._wire = wire
        self._http = http
        self._inject = inject

    async def __call__(self, call: Call) -> Reply:
        """The answer, from its first byte. Raises Failure."""
        try:
            return await self._ask(call)
        except Failure as failure:
            raise self._discretion.failure(failure) from failure.__cause__

    async def _ask(self, call: Call) -> Reply:
        question = self._wire.encode(call.request, call.target.model, stream=call.asks_for_stream)
        url = self._address.base_url + question.path
        headers = {**self._address.headers, **self._inject(call)}
        answer = await self._http.post(url, headers, question.body, call.clocks.connect)
        if call.attempt is not None:
            call.attempt.provider_request_id = self._discretion.text(self._wire.request_id(answer.headers))
        try:
            return await self._reply(call, answer, question.adjustments)
        except BaseException:
            await answer.aclose()
            raise

    async def _reply(self, call: Call, answer: Answer, adjustments: list[pb.Adjustment]) -> Reply:
        if not 200 <= answer.status < 300:
            raise self._wire.failure(answer.status, answer.headers, await answer.read_error())
        started = pb.Started(
            source=self._address.source,
            provider=call.target.provider,
            model=call.target.model,
            notice="" if call.target == call.candidates[0].target else NOTICE,
        )
        if call.asks_for_stream:
            streamed = Streamed(call, started, answer, self._wire.stream_decoder(call.request))
            return Reply(_Polished(streamed, partial(self._polish, adjustments), self._discretion))
        events = self._wire.decode(await answer.read_all())
        await answer.aclose()
        self._polish(adjustments, events[-1].completed)
        return Reply.whole([pb.ChatEvent(started=started), *events])

    def _polish(self, adjustments: list[pb.Adjustment], completed: pb.ChatResponse) -> None:
        """Adds what was done to the request, and takes out what nobody may see."""
        completed.adjustments.extend(adjustments)
        completed.provider_finish_reason = self._discretion.text(completed.provider_finish_reason)


class _Polished:
    """The same events, the last one polished; the same failures, discreet."""

    def __init__(self, source: Streamed, polish: Callable[[pb.ChatResponse], None], discretion: Discretion) -> None:
        self._source = source
        self._polish = polish
        self._discretion = discretion

    async def __anext__(self) -> pb.ChatEvent:
        try:
            event = await self._source.__anext__()
        except Failure as failure:
            raise self._discretion.failure(failure) from failure.__cause__
        if event.HasField("completed"):
            self._polish(event.completed)
        return event

    async def aclose(self) -> None:
        await self._source.aclose()
