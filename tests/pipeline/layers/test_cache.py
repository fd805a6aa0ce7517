"""What is answered from the cache, and what gets into it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.conditions import Conditions
from service.chat.fold import Fold
from service.chat.reply import Abandoned, Broken, Completed, Reply
from service.chat.target import Candidate, Target
from service.pipeline.facts import CacheBypassed, CacheHit, CacheMissed
from service.pipeline.layers.cache import Cache, CacheOptions
from service.pipeline.layers.commit import Commit
from service.pipeline.stack import stack
from service.policies.cacheable import MAX_QUESTION_BYTES
from service.stores.memory import MemoryStore
from tests.kit.facts import Facts
from tests.kit.replies import Watched, failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, answers, breaks, completes, pauses, says, thinks

ACall = Callable[..., Call]
Asks = Callable[..., Call]
MakesCache = Callable[..., Cache]
Leaf = Callable[[Call], Awaitable[Reply]]
FIRST, SECOND = Target("primary", "m1"), Target("second", "m2")
CANDIDATES = [Candidate(target=FIRST), Candidate(target=SECOND)]
WALL = 1_700_000_000.0


@pytest.fixture
def store(now: Callable[[], float]) -> MemoryStore:
    return MemoryStore(max_bytes=2**20, max_entries=100, now=now)


@pytest.fixture
def asks(a_call: ACall) -> Asks:
    """Makes calls that the cache may answer."""

    def make(**fields: Any) -> Call:
        return a_call(**{"conditions": Conditions(cache=pb.CACHE_MODE_USE), "candidates": CANDIDATES, **fields})

    return make


@pytest.fixture
def cache(store: MemoryStore, facts: Facts, now: Callable[[], float]) -> Callable[..., Cache]:
    """Makes layers over one store."""

    def make(**options: Any) -> Cache:
        return Cache(store=store, options=CacheOptions(**options), wall=lambda: WALL + now(), observe=facts.observe)

    return make


def plays(*events: pb.ChatEvent) -> Leaf:
    """A leaf that answers each call with copies of these events, in one piece."""

    async def leaf(call: Call) -> Reply:
        return Reply.whole([pb.ChatEvent.FromString(event.SerializeToString()) for event in events])

    return leaf


def started(source: pb.Source.ValueType = pb.SOURCE_MODEL, target: Target = FIRST) -> pb.ChatEvent:
    return pb.ChatEvent(started=pb.Started(source=source, provider=target.provider, model=target.model))


def text(text: str, part: int = 0) -> pb.ChatEvent:
    return pb.ChatEvent(text_delta=pb.TextDelta(part=part, text=text))


def state(part: int, **fields: Any) -> pb.ChatEvent:
    return pb.ChatEvent(part_state=pb.PartState(part=part, **fields))


def reset(mode: pb.ResetMode.ValueType, target: Target, source: pb.Source.ValueType = pb.SOURCE_MODEL) -> pb.ChatEvent:
    return pb.ChatEvent(
        attempt_reset=pb.AttemptReset(mode=mode, source=source, provider=target.provider, model=target.model)
    )


def completed(finish: pb.FinishReason.ValueType = pb.FINISH_REASON_STOP, **fields: Any) -> pb.ChatEvent:
    return pb.ChatEvent(completed=pb.ChatResponse(finish_reason=finish, **fields))


def message_of(events: Sequence[pb.ChatEvent]) -> pb.Message:
    fold = Fold()
    for event in events:
        fold.add(event)
    return fold.message()


async def events_of(reply: Reply) -> list[pb.ChatEvent]:
    return [event async for event in reply]


async def is_kept(layer: Cache, leaf: Leaf, asks: Asks, **fields: Any) -> bool:
    """Whether the answer to one call is the next one's, which then asks nobody."""
    asked = []

    async def counting(call: Call) -> Reply:
        asked.append(call)
        return await leaf(call)

    for _ in range(2):
        await events_of(await layer(asks(**fields), counting))
    return len(asked) == 1


@pytest.mark.parametrize("first", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("second", [False, True], ids=["unary", "stream"])
async def test_an_answer_of_either_way_serves_a_call_of_either_way(
    first: bool, second: bool, asks: Asks, cache: MakesCache
) -> None:
    provider = ScriptedProvider(answers("a", pauses(1), "b"))
    handler = stack(cache(), Commit(), leaf=provider)
    assert await text_of(await handler(asks(streamed=first))) == "ab"
    hit = await handler(asks(streamed=second))
    assert hit.is_whole
    assert await text_of(hit) == "ab"
    provider.assert_done()


async def test_a_hit_says_whose_answer_it_is_and_how_old(asks: Asks, cache: MakesCache, facts: Facts) -> None:
    usage = pb.Usage(input_tokens=3, output_tokens=5, reasoning_tokens=1)
    adjustment = pb.Adjustment(field="seed", action=pb.ADJUSTMENT_ACTION_DROPPED)
    leaf = plays(
        started(),
        text("a"),
        completed(
            id="call_0",
            provider_finish_reason="stop",
            usage=usage,
            adjustments=[adjustment],
            provenance=pb.Provenance(cost_nano_usd=7, joined_call_id="call_9"),
        ),
    )
    layer = cache()
    await asyncio.sleep(5)
    await events_of(await layer(asks(), leaf))
    assert facts == [CacheMissed()]
    await asyncio.sleep(20)
    call = asks()
    first, delta, last = await events_of(await layer(call, leaf))

    assert first.started.notice
    first.started.notice = ""
    assert first == started(pb.SOURCE_CACHE)
    assert delta == text("a")
    provenance = pb.Provenance()
    provenance.cached_at.FromSeconds(int(WALL) + 5)
    assert last == completed(
        provider_finish_reason="stop", usage=usage, adjustments=[adjustment], provenance=provenance
    )
    assert [(fact.target, round(fact.age, 3)) for fact in facts.of(CacheHit)] == [(FIRST, 20)]
    assert len(call.ledger) == 0


def test_every_field_of_an_answer_is_kept_or_belongs_to_its_call() -> None:
    """Red after a new field? Kept unless `without_the_call` clears it: decide, and say so here."""
    kept = {"message", "finish_reason", "provider_finish_reason", "usage", "adjustments", "structured_output"}
    of_the_call = {"id", "source", "notice", "provenance"}
    assert {field.name for field in pb.ChatResponse.DESCRIPTOR.fields} == kept | of_the_call


async def test_every_kind_of_part_comes_back_as_it_was(asks: Asks, cache: MakesCache) -> None:
    call = pb.ToolCallDelta(part=2, id="c", name="f", arguments_json='{"a"')
    said = [
        started(),
        pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=0, text="h")),
        pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=0, text="m")),
        state(0, provider_state=pb.ProviderState(issuer="p", data=b"signed")),
        text("a", 1),
        pb.ChatEvent(tool_call_delta=call),
        text("b", 1),
        pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=2, arguments_json=":1}")),
        state(2, provider_state=pb.ProviderState(issuer="p", data=b"too")),
        state(3, provider_block=pb.ProviderBlock(issuer="p", json="{}"), provider_state=pb.ProviderState(issuer="p")),
        text("", 4),
        state(5, provider_state=pb.ProviderState(issuer="p", data=b"redacted")),
        state(6),
        text("last", 7),
        completed(),
    ]
    layer = cache()
    assert await events_of(await layer(asks(), plays(*said))) == said
    hit = await events_of(await layer(asks(), plays()))
    assert message_of(hit) == message_of(said)
    deltas = [event.WhichOneof("event") for event in hit[1:-1]]
    assert deltas.count("text_delta") == 3
    assert deltas.count("reasoning_delta") == deltas.count("tool_call_delta") == 1


async def test_a_hit_still_says_who_made_its_calls(asks: Asks, cache: MakesCache) -> None:
    call = pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=0, id="c", name="f", arguments_json="{}"))
    end = pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_TOOL_CALLS))
    said = [started(), call, state(0, provider_state=pb.ProviderState(issuer="p")), end]
    layer = cache(tool_calls=True)
    await events_of(await layer(asks(), plays(*said)))
    hit = await events_of(await layer(asks(), plays()))
    assert [part.provider_state.issuer for part in message_of(hit).parts] == ["p"]


def scribble_on(event: pb.ChatEvent) -> None:
    """Changes every kind of event in place: clearing it would only let go of what others hold."""
    match event.WhichOneof("event"):
        case "started":
            event.started.model = "scribbled"
        case "tool_call_delta":
            event.tool_call_delta.name = "scribbled"
        case "part_state":
            event.part_state.provider_block.json = "scribbled"
        case "completed":
            event.completed.usage.output_tokens = 99
        case _:
            event.text_delta.text = "scribbled"


async def test_a_reader_may_change_its_events_and_the_next_one_does_not_see_it(asks: Asks, cache: MakesCache) -> None:
    said = [
        started(),
        text("a", 0),
        pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=1, id="c", name="f", arguments_json="{}")),
        state(2, provider_block=pb.ProviderBlock(issuer="p", json="{}")),
        completed(usage=pb.Usage(output_tokens=5)),
    ]
    layer = cache()
    hits = []
    for _ in range(3):
        reply = await layer(asks(), plays(*said))
        seen = []
        async for event in reply:
            seen.append(pb.ChatEvent.FromString(event.SerializeToString()))
            scribble_on(event)
        hits.append(seen)
    assert hits[0] == said
    assert hits[1] == hits[2]
    assert message_of(hits[1]) == message_of(said)
    assert hits[1][-1].completed.usage.output_tokens == 5


async def test_a_call_that_does_not_want_the_cache_neither_reads_nor_writes_it(
    asks: Asks, cache: MakesCache, store: MemoryStore, facts: Facts
) -> None:
    provider = ScriptedProvider(answers("a"), answers("b"), answers("c"))
    bypass = Conditions(cache=pb.CACHE_MODE_BYPASS)
    assert await text_of(await cache()(asks(conditions=bypass), provider)) == "a"
    assert len(store) == 0
    assert await text_of(await cache()(asks(), provider)) == "b"
    assert await text_of(await cache()(asks(conditions=bypass), provider)) == "c"
    assert await text_of(await cache()(asks(), provider)) == "b"
    assert [type(fact) for fact in facts] == [CacheBypassed, CacheMissed, CacheBypassed, CacheHit]
    provider.assert_done()


@pytest.mark.parametrize(
    "other",
    [
        {"caller": "somebody else"},
        {"text": "another question"},
        {"candidates": [Candidate(target=FIRST)]},
        {"candidates": CANDIDATES[::-1]},
    ],
    ids=str,
)
async def test_another_question_caller_or_list_of_targets_is_a_miss(
    other: dict[str, Any], asks: Asks, cache: MakesCache
) -> None:
    provider = ScriptedProvider(answers("a"), answers("b"))
    assert await text_of(await cache()(asks(), provider)) == "a"
    assert await text_of(await cache()(asks(**other), provider)) == "b"
    provider.assert_done()


async def test_the_way_a_call_is_carried_out_does_not_matter(asks: Asks, cache: MakesCache) -> None:
    provider = ScriptedProvider(answers("a"))
    first, second = asks(), asks(id="call_2", seconds=3, route="other", target=SECOND)
    assert await text_of(await cache()(first, provider)) == "a"
    assert await text_of(await cache()(second, provider)) == "a"


async def test_an_answer_is_kept_for_its_ttl(asks: Asks, cache: MakesCache) -> None:
    provider = ScriptedProvider(answers("a"), answers("b"))
    layer = cache(ttl=30)
    assert await text_of(await layer(asks(), provider)) == "a"
    await asyncio.sleep(29.9)
    assert await text_of(await layer(asks(), provider)) == "a"
    await asyncio.sleep(0.2)
    assert await text_of(await layer(asks(), provider)) == "b"


@pytest.mark.parametrize("target", [SECOND, Target("primary", "m2"), Target("second", "m1")], ids=str)
async def test_the_answer_of_another_than_the_first_target_is_kept_for_the_fallback_ttl(
    target: Target, asks: Asks, cache: MakesCache, facts: Facts
) -> None:
    layer = cache(ttl=30, fallback_ttl=10)
    backup, first = plays(started(target=target), text("b"), completed()), plays(started(), text("a"), completed())
    assert await text_of(await layer(asks(), backup)) == "b"
    await asyncio.sleep(9.9)
    assert await text_of(await layer(asks(), first)) == "b"
    assert [(fact.target, round(fact.age, 3)) for fact in facts.of(CacheHit)] == [(target, 9.9)]
    await asyncio.sleep(0.2)
    assert await text_of(await layer(asks(), first)) == "a"


async def test_a_ttl_of_zero_keeps_nothing(asks: Asks, cache: MakesCache, store: MemoryStore) -> None:
    own, backup = (plays(started(target=target), text("a"), completed()) for target in (FIRST, SECOND))
    assert not await is_kept(cache(ttl=0), own, asks)
    assert not await is_kept(cache(fallback_ttl=0), backup, asks)
    assert len(store) == 0
    assert await is_kept(cache(ttl=0), backup, asks)


@pytest.mark.parametrize("finish", pb.FinishReason.values())
@pytest.mark.parametrize("tool_calls", [False, True])
async def test_only_what_came_to_its_own_end_is_kept(
    finish: pb.FinishReason.ValueType, tool_calls: bool, asks: Asks, cache: MakesCache
) -> None:
    leaf = plays(started(), text("a"), completed(finish))
    allowed = {pb.FINISH_REASON_STOP, *([pb.FINISH_REASON_TOOL_CALLS] if tool_calls else [])}
    assert await is_kept(cache(tool_calls=tool_calls), leaf, asks) == (finish in allowed)


async def test_an_answer_that_asks_for_a_tool_is_kept_if_the_route_says_so(asks: Asks, cache: MakesCache) -> None:
    tool = pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(id="c", name="f", arguments_json="{}"))
    leaf = plays(started(), tool, completed(pb.FINISH_REASON_TOOL_CALLS))
    assert not await is_kept(cache(), leaf, asks)
    assert await is_kept(cache(tool_calls=True), leaf, asks)


@pytest.mark.parametrize(
    "nothing",
    [
        [],
        [text("")],
        [pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(text=""))],
        [state(0, provider_state=pb.ProviderState(issuer="p"))],
        [text("a"), reset(pb.RESET_MODE_DISCARD, FIRST)],
    ],
    ids=["no part", "no text", "no reasoning", "only state", "discarded"],
)
async def test_an_empty_answer_is_not_kept(nothing: list[pb.ChatEvent], asks: Asks, cache: MakesCache) -> None:
    assert not await is_kept(cache(), plays(started(), *nothing, completed()), asks)


@pytest.mark.parametrize(
    ("resets", "kept"),
    [
        ([reset(pb.RESET_MODE_CONTINUE, FIRST)], True),
        ([reset(pb.RESET_MODE_CONTINUE, SECOND)], False),
        ([reset(pb.RESET_MODE_DISCARD, SECOND)], True),
        ([reset(pb.RESET_MODE_CONTINUE, SECOND), reset(pb.RESET_MODE_DISCARD, FIRST)], True),
        ([reset(pb.RESET_MODE_DISCARD, SECOND), reset(pb.RESET_MODE_CONTINUE, FIRST)], False),
    ],
)
async def test_only_what_one_model_said_alone_is_kept(
    resets: list[pb.ChatEvent], kept: bool, asks: Asks, cache: MakesCache
) -> None:
    assert await is_kept(cache(), plays(started(), text("a"), *resets, text("b"), completed()), asks) == kept


async def test_a_discarded_beginning_is_neither_kept_nor_its_target_named(
    asks: Asks, cache: MakesCache, facts: Facts
) -> None:
    layer = cache()
    again = reset(pb.RESET_MODE_DISCARD, SECOND)
    await events_of(await layer(asks(), plays(started(), text("a"), again, text("b"), completed())))
    hit = await events_of(await layer(asks(), plays()))
    assert [event.text_delta.text for event in hit[1:-1]] == ["b"]
    assert (hit[0].started.provider, hit[0].started.model) == ("second", "m2")
    assert [fact.target for fact in facts.of(CacheHit)] == [SECOND]


async def test_a_broken_answer_is_not_kept_and_breaks_as_before(asks: Asks, cache: MakesCache) -> None:
    provider = ScriptedProvider(answers("half", breaks(pb.FAILURE_KIND_CUT_OFF)), answers("whole"))
    reply = await cache()(asks(streamed=True), provider)
    told = Watched(reply)
    failure = await failure_of(kinds_of(reply))
    assert failure.kind == pb.FAILURE_KIND_CUT_OFF
    assert told == [Broken(failure)]
    assert await text_of(await cache()(asks(), provider)) == "whole"
    provider.assert_done()


@pytest.mark.parametrize("read", [0, 1, 2])
async def test_an_abandoned_answer_is_not_kept_and_is_closed_at_once(read: int, asks: Asks, cache: MakesCache) -> None:
    provider = ScriptedProvider(answers("half", pauses(9), "half"), answers("whole"))
    reply = await cache()(asks(streamed=True), provider)
    told = Watched(reply)
    for _ in range(read):
        await anext(reply)
    await reply.aclose()
    assert told == [Abandoned()]
    assert await text_of(await cache()(asks(), provider)) == "whole"
    provider.assert_done()


async def test_a_whole_answer_that_nobody_read_to_its_end_is_abandoned_too(asks: Asks, cache: MakesCache) -> None:
    provider = ScriptedProvider(answers("a"), answers("b"))
    handler = stack(cache(), Commit(), leaf=provider)
    await (await handler(asks())).aclose()
    assert await text_of(await handler(asks())) == "b"


async def test_an_answer_on_its_way_passes_untouched_and_at_its_own_pace(
    asks: Asks, cache: MakesCache, now: Callable[[], float]
) -> None:
    provider = ScriptedProvider(answers(thinks("hm"), pauses(3), says("a"), pauses(4), completes()))
    reply = await cache()(asks(streamed=True), provider)
    told = Watched(reply)
    times = [(event.WhichOneof("event"), round(now())) async for event in reply]
    assert times == [("started", 0), ("reasoning_delta", 0), ("text_delta", 3), ("completed", 7)]
    assert [type(ending) for ending in told] == [Completed]
    provider.assert_done()


async def test_the_answer_is_in_the_cache_before_its_caller_knows_that_it_is_complete(
    asks: Asks, cache: MakesCache, store: MemoryStore
) -> None:
    async for event in await cache()(asks(), plays(started(), text("a"), completed())):
        assert len(store) == event.HasField("completed")


async def test_a_failure_passes_and_nothing_is_kept(asks: Asks, cache: MakesCache, store: MemoryStore) -> None:
    provider = ScriptedProvider(answers(breaks(pb.FAILURE_KIND_OVERLOADED)))
    handler = stack(cache(), Commit(), leaf=provider)
    assert (await failure_of(handler(asks()))).kind == pb.FAILURE_KIND_OVERLOADED
    assert len(store) == 0


async def test_a_question_over_256_kib_is_not_looked_up(asks: Asks, cache: MakesCache, facts: Facts) -> None:
    leaf = plays(started(), text("a"), completed())
    envelope = asks(text="x" * MAX_QUESTION_BYTES).request.ByteSize() - MAX_QUESTION_BYTES
    assert MAX_QUESTION_BYTES == 256 * 1024
    assert await is_kept(cache(), leaf, asks, text="x" * (MAX_QUESTION_BYTES - envelope))
    assert facts.of(CacheBypassed) == []
    assert not await is_kept(cache(), leaf, asks, text="x" * (MAX_QUESTION_BYTES - envelope + 1))
    assert facts.of(CacheBypassed) == [CacheBypassed()] * 2


class OneAnswer:
    """A store that gives back whatever it holds, for any key."""

    def __init__(self, answer: bytes | None = None) -> None:
        self.answer = answer

    async def get(self, key: bytes) -> bytes | None:
        return self.answer

    async def put(self, key: bytes, answer: bytes, ttl: float) -> None:
        assert ttl > 0
        self.answer = answer


async def test_of_a_call_nothing_is_kept_but_its_answer_who_gave_it_and_when(asks: Asks, facts: Facts) -> None:
    provenance = pb.Provenance(cost_nano_usd=7, trace_id="t", attempts=[pb.Attempt(number=1)])
    own = completed(id="call_0", source=pb.SOURCE_MODEL, notice="n", provenance=provenance)
    store = OneAnswer()
    layer = Cache(store=store, options=CacheOptions(), wall=lambda: WALL, observe=facts.observe)
    await events_of(await layer(asks(), plays(started(), text("a"), own)))

    expected = completed(message=pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text="a")])).completed
    expected.provenance.provider, expected.provenance.model = FIRST.provider, FIRST.model
    expected.provenance.cached_at.FromSeconds(int(WALL))
    assert store.answer is not None
    assert pb.ChatResponse.FromString(store.answer) == expected


async def test_no_store_is_asked_to_keep_an_answer_for_no_time(asks: Asks, facts: Facts) -> None:
    store = OneAnswer()
    layer = Cache(store=store, options=CacheOptions(ttl=0), wall=lambda: WALL, observe=facts.observe)
    await events_of(await layer(asks(), plays(started(), text("a"), completed())))
    assert store.answer is None


@pytest.mark.parametrize(
    "rubbish", [b"\xff", b"", b"\x0a\xff", pb.ChatResponse(message=pb.Message()).SerializeToString()]
)
async def test_a_spoilt_entry_is_a_miss_and_is_replaced(rubbish: bytes, asks: Asks, facts: Facts) -> None:
    layer = Cache(store=OneAnswer(rubbish), options=CacheOptions(), wall=lambda: WALL, observe=facts.observe)
    assert await is_kept(layer, plays(started(), text("a"), completed()), asks)
    assert len(facts.of(CacheMissed)) == len(facts.of(CacheHit)) == 1


async def test_a_clock_that_was_set_back_makes_no_negative_age(asks: Asks, store: MemoryStore, facts: Facts) -> None:
    walls = iter([WALL, WALL - 60])
    layer = Cache(store=store, options=CacheOptions(), wall=lambda: next(walls), observe=facts.observe)
    assert await is_kept(layer, plays(started(), text("a"), completed()), asks)
    assert facts == [CacheMissed(), CacheHit(FIRST, 0.0)]


async def test_an_answer_of_which_a_piece_could_not_be_read_is_not_kept(asks: Asks, cache: MakesCache) -> None:
    async def flawed(call: Call) -> Reply:
        row = call.ledger.open(FIRST, pb.ATTEMPT_CAUSE_FIRST, 0)
        row.outcome, row.detail = pb.ATTEMPT_OUTCOME_ANSWERED, "1 malformed chunk was skipped"
        return await plays(started(), text("a"), completed())(call)

    assert not await is_kept(cache(), flawed, asks)
