"""Answers a question that was answered before, and keeps the answer to one that was not.

fresh ──▶ the answer                                  ┌─▶ an answer, which is kept
stale ──▶ held in hand, while the call goes on ───────┤
none ───▶ the call goes on ──▶ … ─────────────────────┴─▶ a failure: the stale one, if the call allows it
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.chat.store import AnswerStore
from service.chat.target import Target
from service.pipeline.facts import CacheBypassed, CacheHit, CacheMissed, Observe, ServedStale
from service.pipeline.keeping import Keeping
from service.pipeline.kept import Kept, in_words, sealed
from service.policies.cache_key import cache_key
from service.policies.cacheable import may_ask, may_keep
from service.policies.freshness import Freshness, freshness

NOTICE = "from the cache: an equal question was answered before"
STALE_NOTICE = "from the cache, {age} old: no model could answer just now"
UNASKED_NOTICE = "from the cache, {age} old and past its time: no model was asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheOptions:
    """How long a route's answers are kept, in seconds, and which. Zero seconds: not at all."""

    ttl: float = 3600.0
    fallback_ttl: float = 60.0
    """For an answer of another target than the first: the first one may be back soon."""
    stale_ttl: float = 86_400.0
    """How much longer it is kept, for when nobody can answer."""
    tool_calls: bool = False
    """Keep answers that ask for tools, too."""


class Cache:
    """Reads once before it forwards; keeps what comes back once it is complete.

    A streamed answer serves a unary call, and the other way round. A stale one serves any call, also one that names its
    target or wants tools: it is what its own caller was answered before.
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
        """Raises what it gets, and Failure(NOT_CACHED); a call that may go on is never failed by the cache itself."""
        mode = call.conditions.cache
        if mode == pb.CACHE_MODE_ONLY:
            forward = _ask_nobody
        if mode == pb.CACHE_MODE_BYPASS or not may_ask(call.request):
            self._observe(call, CacheBypassed())
            return await forward(call)
        key = cache_key(call.request, call.caller, [candidate.target for candidate in call.candidates])
        if mode != pb.CACHE_MODE_REFRESH:
            return await self._read_first(key, call, forward)
        self._observe(call, CacheBypassed())
        return self._keeping(key, call, await forward(call))

    async def _read_first(self, key: bytes, call: Call, forward: Handler) -> Reply:
        kept = Kept.opened(await self._store.get(key), self._wall)
        good = Freshness.GONE if kept is None else self._freshness(kept, call)
        if kept is not None and good is Freshness.FRESH:
            self._observe(call, CacheHit(kept.target, kept.age))
            return kept.reply(pb.SOURCE_CACHE, NOTICE)
        self._observe(call, CacheMissed())
        try:
            return self._keeping(key, call, await forward(changed(call, question=key)))
        except Failure as failure:
            if kept is None or good is Freshness.GONE or not _may_stand_in(call, failure):
                raise
            return self._stale(kept, call, failure)

    def _freshness(self, kept: Kept, call: Call) -> Freshness:
        ttl, max_age = self._ttl(kept.target, call), call.conditions.cache_max_age
        return freshness(kept.age, ttl=ttl, stale_ttl=self._options.stale_ttl, max_age=max_age)

    def _stale(self, kept: Kept, call: Call, failure: Failure) -> Reply:
        self._observe(call, ServedStale(kept.target, kept.age, failure))
        notice = UNASKED_NOTICE if failure.kind == pb.FAILURE_KIND_NOT_CACHED else STALE_NOTICE
        return kept.reply(pb.SOURCE_STALE_CACHE, notice.format(age=in_words(kept.age)))

    def _ttl(self, origin: Target, call: Call) -> float:
        return self._options.ttl if origin == call.candidates[0].target else self._options.fallback_ttl

    def _keeping(self, key: bytes, call: Call, reply: Reply) -> Reply:
        return Reply(Keeping(reply, partial(self._keep, key, call)))

    async def _keep(self, key: bytes, call: Call, answer: pb.ChatResponse) -> None:
        """Puts a completed answer into the store if it may be kept."""
        ttl = self._ttl(Target(answer.provenance.provider, answer.provenance.model), call)
        if ttl > 0 and not call.ledger.is_flawed and may_keep(answer, tool_calls=self._options.tool_calls):
            await self._store.put(key, sealed(answer, self._wall()), ttl + self._options.stale_ttl)


async def _ask_nobody(call: Call) -> Reply:
    raise Failure(pb.FAILURE_KIND_NOT_CACHED, "there is no answer in the cache, and none else is wanted")


def _may_stand_in(call: Call, failure: Failure) -> bool:
    """Where a rule may, a stale answer may, too; and where nobody else was to be asked."""
    return call.conditions.stale and (failure.verdict.stand_in or failure.kind == pb.FAILURE_KIND_NOT_CACHED)
