"""What each mode makes of the cache, and answers past their time that stand in when nobody else can answer."""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.conditions import Conditions
from service.chat.failures import VERDICTS, Failure
from service.chat.ledger import Ledger
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.facts import CacheBypassed, CacheHit, CacheMissed, ServedStale
from service.pipeline.kept import in_words
from service.pipeline.layers.cache import Cache, CacheOptions
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.time_limit import TimeLimit
from service.pipeline.stack import stack
from service.policies.cacheable import MAX_QUESTION_BYTES
from service.stores.memory import MemoryStore
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, Take, answers, breaks, hangs, refuses

WALL = 1_700_000_000.0
FIRST, SECOND = Target("primary", "m1"), Target("second", "m2")
CANDIDATES = [Candidate(target=FIRST), Candidate(target=SECOND)]
TTL, STALE_TTL = 30.0, 100.0
USE, ONLY, REFRESH, BYPASS = pb.CACHE_MODE_USE, pb.CACHE_MODE_ONLY, pb.CACHE_MODE_REFRESH, pb.CACHE_MODE_BYPASS

Ask = Callable[..., Call]
Build = Callable[..., Handler]


@pytest.fixture
def ask(a_call: Callable[..., Call], now: Callable[[], float]) -> Ask:
    """Makes calls that arrive now, with a minute to go, and take a stale answer, unless told otherwise."""

    def make(mode: pb.CacheMode.ValueType = USE, *, stale: bool = True, max_age: float = inf, **wanted: Any) -> Call:
        conditions = Conditions(cache=mode, stale=stale, cache_max_age=max_age)
        told = {"arrived": now(), "seconds": now() + 60, "candidates": CANDIDATES, "ledger": Ledger()}
        return a_call(conditions=conditions, **{**told, **wanted})

    return make


@pytest.fixture
def build(now: Callable[[], float], facts: Facts) -> Build:
    """The cache over a provider, with the time limit in between."""

    def make(*takes: Take, **options: float) -> Handler:
        store = MemoryStore(max_bytes=2**20, max_entries=100, now=now)
        chosen = CacheOptions(**{"ttl": TTL, "fallback_ttl": 10, "stale_ttl": STALE_TTL, **options})  # type: ignore[arg-type]
        cache = Cache(store=store, options=chosen, wall=lambda: WALL + now(), observe=facts.observe)
        return stack(cache, TimeLimit(now=now), Commit(), leaf=ScriptedProvider(*takes))

    return make


async def text(handler: Handler, call: Call) -> str:
    return await text_of(await handler(call))


def down(kind: pb.FailureKind.ValueType = pb.FAILURE_KIND_UNREACHABLE) -> Take:
    return refuses(kind)


async def test_when_nobody_answers_the_old_answer_does_and_says_so(ask: Ask, build: Build, facts: Facts) -> None:
    handler = build(answers("old"), down())
    await text(handler, ask())
    await asyncio.sleep(TTL + 60)
    events = [event async for event in await handler(ask())]
    started, delta, completed = events[0].started, events[1].text_delta, events[-1].completed
    assert (started.source, started.provider, started.model) == (pb.SOURCE_STALE_CACHE, "primary", "m1")
    assert started.notice == "from the cache, 90 seconds old: no model could answer just now"
    assert delta.text == "old"
    assert completed.provenance.cached_at.ToSeconds() == int(WALL)
    assert completed.usage.output_tokens == 5
    (fact,) = facts.of(ServedStale)
    assert (fact.target, round(fact.age), fact.failure.kind) == (FIRST, 90, pb.FAILURE_KIND_UNREACHABLE)


async def test_a_stale_answer_is_not_given_while_somebody_answers(ask: Ask, build: Build, facts: Facts) -> None:
    handler = build(answers("old"), answers("new"))
    await text(handler, ask())
    await asyncio.sleep(TTL + 1)
    assert await text(handler, ask()) == "new"
    assert await text(handler, ask()) == "new"
    assert facts.of(ServedStale) == []


@pytest.mark.parametrize("kind", VERDICTS, ids=pb.FailureKind.Name)
async def test_it_stands_in_for_the_failures_of_which_the_table_says_so(
    kind: pb.FailureKind.ValueType, ask: Ask, build: Build
) -> None:
    handler = build(answers("old"), down(kind))
    await text(handler, ask())
    await asyncio.sleep(TTL)
    if VERDICTS[kind].stand_in or kind == pb.FAILURE_KIND_NOT_CACHED:  # of these only the cache itself makes one
        assert await text(handler, ask()) == "old"
    else:
        assert (await failure_of(handler(ask()))).kind == kind


async def test_it_stands_in_when_time_runs_out_and_in_time(ask: Ask, build: Build, now: Callable[[], float]) -> None:
    handler = build(answers("old"), answers(hangs()))
    await text(handler, ask())
    await asyncio.sleep(TTL)
    assert await text(handler, ask(seconds=TTL + 10)) == "old"
    assert now() == pytest.approx(TTL + 9.5)


async def test_a_call_that_does_not_allow_it_fails(ask: Ask, build: Build) -> None:
    handler = build(answers("old"), down())
    await text(handler, ask())
    await asyncio.sleep(TTL)
    assert (await failure_of(handler(ask(stale=False)))).kind == pb.FAILURE_KIND_UNREACHABLE


async def test_an_answer_of_which_some_was_seen_breaks(ask: Ask, build: Build) -> None:
    handler = build(answers("old"), answers("half", breaks()))
    await text(handler, ask())
    await asyncio.sleep(TTL)
    reply = await handler(ask(streamed=True))
    assert (await failure_of(kinds_of(reply))).kind == pb.FAILURE_KIND_CUT_OFF


async def test_an_answer_in_one_piece_that_breaks_half_way_was_seen_by_nobody(ask: Ask, build: Build) -> None:
    handler = build(answers("old"), answers("half", breaks()))
    await text(handler, ask())
    await asyncio.sleep(TTL)
    assert await text(handler, ask(streamed=False)) == "old"


@pytest.mark.parametrize(
    "other",
    [
        {"route": "", "candidates": [Candidate(target=FIRST)]},
        {"request": pb.ChatRequest(model="m", tools=[pb.Tool(name="f")])},
        {"request": pb.ChatRequest(model="m", response_format=pb.ResponseFormat(json_object=pb.JsonObjectFormat()))},
    ],
    ids=["provider/model", "tools", "schema"],
)
async def test_calls_that_no_rule_may_answer_get_it_too(other: dict[str, Any], ask: Ask, build: Build) -> None:
    """It is what they were answered before."""
    handler = build(answers("old"), down())
    await text(handler, ask(**other))
    await asyncio.sleep(TTL)
    assert await text(handler, ask(**other)) == "old"


@pytest.mark.parametrize(
    ("first", "kept_for"), [(FIRST, TTL + STALE_TTL), (SECOND, 10 + STALE_TTL)], ids=["first target", "another"]
)
async def test_it_is_kept_for_so_long_after_its_time_and_no_longer(
    first: Target, kept_for: float, ask: Ask, build: Build
) -> None:
    handler = build(answers("old"), down(), down())
    await text(handler, ask(target=first))
    await asyncio.sleep(kept_for - 0.1)
    assert await text(handler, ask()) == "old"
    await asyncio.sleep(0.2)
    assert (await failure_of(handler(ask()))).kind == pb.FAILURE_KIND_UNREACHABLE


async def test_a_route_that_keeps_nothing_past_its_time_has_no_stale_answers(ask: Ask, build: Build) -> None:
    handler = build(answers("old"), down(), stale_ttl=0.0)
    await text(handler, ask())
    await asyncio.sleep(TTL)
    assert (await failure_of(handler(ask()))).kind == pb.FAILURE_KIND_UNREACHABLE


async def test_of_two_routes_that_share_an_answer_each_decides_how_old_it_may_be(
    ask: Ask, now: Callable[[], float]
) -> None:
    store = MemoryStore(max_bytes=2**20, max_entries=100, now=now)
    provider = ScriptedProvider(answers("old"), down(), down())

    def route(**options: float) -> Handler:
        chosen = CacheOptions(**options)  # type: ignore[arg-type]
        return stack(
            Cache(store=store, options=chosen, wall=lambda: WALL + now(), observe=Facts().observe), leaf=provider
        )

    easy, strict = route(ttl=30, stale_ttl=100), route(ttl=10, stale_ttl=5)
    await text(easy, ask())
    await asyncio.sleep(20)
    assert await text(easy, ask(ONLY, stale=False)) == "old"
    assert (await failure_of(strict(ask()))).kind == pb.FAILURE_KIND_UNREACHABLE
    await asyncio.sleep(20)
    assert await text(easy, ask()) == "old"


async def test_a_caller_may_want_a_fresher_answer_than_the_route_gives(ask: Ask, build: Build, facts: Facts) -> None:
    handler = build(answers("a"), answers("b"), down())
    await text(handler, ask())
    await asyncio.sleep(5)
    assert await text(handler, ask(max_age=5.1)) == "a"
    assert await text(handler, ask(max_age=4.9)) == "b"
    await asyncio.sleep(5)
    assert await text(handler, ask(max_age=4.9)) == "b"
    assert [type(fact) for fact in facts] == [CacheMissed, CacheHit, CacheMissed, CacheMissed, ServedStale]


async def test_a_refresh_asks_anew_and_replaces_what_was_kept(ask: Ask, build: Build, facts: Facts) -> None:
    handler = build(answers("a"), answers("b"))
    await text(handler, ask())
    assert await text(handler, ask(REFRESH)) == "b"
    assert await text(handler, ask()) == "b"
    assert [type(fact) for fact in facts] == [CacheMissed, CacheBypassed, CacheHit]


async def test_a_refresh_that_fails_fails_and_leaves_what_was_kept(ask: Ask, build: Build) -> None:
    handler = build(answers("a"), down())
    await text(handler, ask())
    assert (await failure_of(handler(ask(REFRESH)))).kind == pb.FAILURE_KIND_UNREACHABLE
    assert await text(handler, ask()) == "a"


async def test_a_call_that_wants_the_cache_only_gets_a_hit(ask: Ask, build: Build) -> None:
    handler = build(answers("a"))
    await text(handler, ask())
    assert await text(handler, ask(ONLY)) == "a"


@pytest.mark.parametrize("stale", [False, True])
async def test_a_call_that_wants_the_cache_only_asks_nobody(stale: bool, ask: Ask, build: Build, facts: Facts) -> None:
    failure = await failure_of(build()(ask(ONLY, stale=stale)))
    assert failure.kind == pb.FAILURE_KIND_NOT_CACHED
    assert facts == [CacheMissed()]


async def test_a_call_that_wants_the_cache_only_takes_a_stale_answer_if_it_says_so(ask: Ask, build: Build) -> None:
    handler = build(answers("old"))
    await text(handler, ask())
    await asyncio.sleep(TTL)
    assert (await failure_of(handler(ask(ONLY, stale=False)))).kind == pb.FAILURE_KIND_NOT_CACHED
    events = [event async for event in await handler(ask(ONLY))]
    assert events[0].started.source == pb.SOURCE_STALE_CACHE
    assert events[0].started.notice == "from the cache, 30 seconds old and past its time: no model was asked"


async def test_a_question_that_is_too_large_for_the_cache_is_not_there(ask: Ask, build: Build) -> None:
    failure = await failure_of(build()(ask(ONLY, text="x" * MAX_QUESTION_BYTES)))
    assert failure.kind == pb.FAILURE_KIND_NOT_CACHED


@pytest.mark.parametrize(("mode", "shared"), [(USE, True), (REFRESH, False), (BYPASS, False)])
async def test_only_a_call_that_may_be_answered_from_the_cache_may_share_an_answer_under_way(
    mode: pb.CacheMode.ValueType, shared: bool, ask: Ask, build: Build
) -> None:
    calls = []

    async def leaf(call: Call) -> Reply:
        calls.append(call)
        raise Failure(pb.FAILURE_KIND_OVERLOADED, "")

    store = MemoryStore(max_bytes=2**20, max_entries=100, now=lambda: 0.0)
    cache = Cache(store=store, options=CacheOptions(), wall=lambda: WALL, observe=Facts().observe)
    await failure_of(stack(cache, leaf=leaf)(ask(mode)))
    assert bool(calls[0].question) == shared


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (0.2, "0 seconds"),
        (1.9, "1 second"),
        (2, "2 seconds"),
        (119.9, "119 seconds"),
        (120, "2 minutes"),
        (7199, "119 minutes"),
        (7200, "2 hours"),
        (172_799, "47 hours"),
        (172_800, "2 days"),
        (2_592_000, "30 days"),
    ],
)
def test_an_age_is_told_as_people_say_it(age: float, words: str) -> None:
    assert in_words(age) == words
