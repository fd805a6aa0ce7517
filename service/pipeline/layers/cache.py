"""Answers a question that was answered before, and keeps the answer to one that was not."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

from google.protobuf.message import DecodeError

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.elapsed import put
from service.chat.fold import Fold
from service.chat.reply import Handler, Reply
from service.chat.store import AnswerStore
from service.chat.target import Target
from service.pipeline.facts import CacheBypassed, CacheHit, CacheMissed, Observe
from service.policies.cache_key import cache_key
from service.policies.cacheable import may_ask, may_keep

Keep = Callable[[pb.ChatResponse], Awaitable[None]]
"""Is given a completed answer and where it came from."""

NOTICE = "from the cache: an equal question was answered before"


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheOptions:
    """How long a route's answers are kept, in seconds, and which. Zero seconds: not at all."""

    ttl: float = 3600.0
    fallback_ttl: float = 60.0
    """For an answer of another target than the first: the first one may be back soon."""
    tool_calls: bool = False
    """Keep answers that ask for tools, too."""


class Cache:
    """Reads before it forwards; keeps what comes back once it is complete.

    What is kept is a ChatResponse as bytes: message, end, usage and adjustments, and of its provenance who answered and
    when. A streamed answer serves a unary call, and the other way round.
    """

    def __init__(
        self, *, store: AnswerStore, options: CacheOptions, wall: Callable[[], float], observe: Observe
    ) -> None:
        """`wall` gives seconds since 1970: callers are told when an answer was kept."""
        self._store = store
        self._options = options
        self._wall = wall
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises what it gets; the cache itself never fails a call."""
        if not call.conditions.cache or not may_ask(call.request):
            self._observe(call, CacheBypassed())
            return await forward(call)
        key = cache_key(call.request, call.caller, [candidate.target for candidate in call.candidates])
        kept = _opened(await self._store.get(key))
        if kept is not None:
            age = self._wall() - kept.provenance.cached_at.ToNanoseconds() / 1e9
            self._observe(call, CacheHit(Target(kept.provenance.provider, kept.provenance.model), max(age, 0.0)))
            return Reply.whole(_events_of(kept))
        self._observe(call, CacheMissed())
        return Reply(_Keeping(await forward(call), partial(self._keep, key, call)))

    async def _keep(self, key: bytes, call: Call, answer: pb.ChatResponse) -> None:
        """Puts a completed answer into the store if it may be kept, and marks it with the time."""
        origin = Target(answer.provenance.provider, answer.provenance.model)
        ttl = self._options.ttl if origin == call.candidates[0].target else self._options.fallback_ttl
        if ttl > 0 and not _is_flawed(call) and may_keep(answer, tool_calls=self._options.tool_calls):
            put(answer.provenance.cached_at, self._wall())
            await self._store.put(key, answer.SerializeToString(), ttl)


class _Keeping:
    """A reply on its way to the caller, folded as it passes, and kept when it is complete.

    Never whole, even over a reply that is: its last event waits for the store.
    """

    def __init__(self, reply: Reply, keep: Keep) -> None:
        self._reply = reply
        self._keep = keep
        self._fold = Fold()
        self._speakers: set[Target] = set()
        """Whose words are in the fold."""

    async def __anext__(self) -> pb.ChatEvent:
        event = await self._reply.__anext__()
        self._hear(event)
        if event.HasField("completed") and len(self._speakers) == 1:
            origin = self._speakers.pop()
            answer = _without_the_call(event.completed)
            self._fold.write(answer.message)
            answer.provenance.provider = origin.provider
            answer.provenance.model = origin.model
            await self._keep(answer)
        return event

    async def aclose(self) -> None:
        await self._reply.aclose()

    def _hear(self, event: pb.ChatEvent) -> None:
        match event.WhichOneof("event"):
            case "started":
                self._speakers.add(Target(event.started.provider, event.started.model))
            case "attempt_reset":
                reset = event.attempt_reset
                if reset.mode == pb.RESET_MODE_DISCARD:
                    self._speakers.clear()
                self._speakers.add(Target(reset.provider, reset.model))
            case _:
                pass
        self._fold.add(event)


def _is_flawed(call: Call) -> bool:
    """Whether the attempt that answered had something to remark: that a piece could not be read."""
    return any(row.detail for row in call.ledger if row.outcome == pb.ATTEMPT_OUTCOME_ANSWERED)


def _without_the_call(completed: pb.ChatResponse) -> pb.ChatResponse:
    """A copy without what is true of one call only."""
    answer = pb.ChatResponse()
    answer.CopyFrom(completed)
    for field in ("id", "source", "notice", "provenance"):
        answer.ClearField(field)
    return answer


def _opened(kept: bytes | None) -> pb.ChatResponse | None:
    """What the bytes say; None if they are none, or nothing that this layer has kept."""
    if kept is None:
        return None
    try:
        answer = pb.ChatResponse.FromString(kept)
    except DecodeError:
        return None
    return answer if answer.HasField("message") and answer.provenance.HasField("cached_at") else None


def _events_of(kept: pb.ChatResponse) -> Iterator[pb.ChatEvent]:
    """The kept answer as events, made anew for each reader."""
    origin = kept.provenance
    started = pb.Started(source=pb.SOURCE_CACHE, notice=NOTICE, provider=origin.provider, model=origin.model)
    yield pb.ChatEvent(started=started)
    for index, part in enumerate(kept.message.parts):
        yield from _deltas_of(index, part)
    end = pb.ChatEvent(completed=kept)
    end.completed.ClearField("message")
    end.completed.ClearField("provenance")
    end.completed.provenance.cached_at.CopyFrom(origin.cached_at)
    yield end


def _deltas_of(index: int, part: pb.Part) -> Iterator[pb.ChatEvent]:
    match part.WhichOneof("content"):
        case "text":
            yield pb.ChatEvent(text_delta=pb.TextDelta(part=index, text=part.text))
        case "reasoning" if not part.reasoning.redacted:
            yield pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=index, text=part.reasoning.text))
        case "tool_call":
            call = part.tool_call
            delta = pb.ToolCallDelta(part=index, id=call.id, name=call.name, arguments_json=call.arguments_json)
            yield pb.ChatEvent(tool_call_delta=delta)
        case _:
            pass
    if part.HasField("provider_state") or part.HasField("provider_block") or part.reasoning.redacted:
        state = pb.PartState(part=index)
        if part.HasField("provider_state"):
            state.provider_state.CopyFrom(part.provider_state)
        if part.HasField("provider_block"):
            state.provider_block.CopyFrom(part.provider_block)
        yield pb.ChatEvent(part_state=state)
