"""Equal calls that share one request."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.failures import Failure
from service.chat.ledger import Ledger
from service.chat.reply import Abandoned, Completed, Handler, Reply
from service.pipeline.event_log import EVENT_OVERHEAD, MOST_BYTES
from service.pipeline.facts import Joined
from service.pipeline.flight import AHEAD_BYTES
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.first_answer import FirstAnswer
from service.pipeline.layers.single_flight import SingleFlight
from service.pipeline.layers.time_limit import TimeLimit
from service.pipeline.stack import stack
from tests.conftest import PRIMARY
from tests.kit.facts import Facts
from tests.kit.replies import Watched, failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, Step, answers, breaks, hangs, pauses, refuses
from tests.kit.spans import SpanBook

Clock = Callable[[], float]
Equal = Callable[..., Call]
Build = Callable[..., Handler]


@pytest.fixture
def equal(a_call: Callable[..., Call]) -> Equal:
    """Makes equal calls, each with a name and a ledger of its own."""
    made = 0

    def make(**wanted: object) -> Call:
        nonlocal made
        made += 1
        return a_call(**{"id": f"call_{made}", "question": b"q", "ledger": Ledger(), **wanted})

    return make


@pytest.fixture
def build(facts: Facts) -> Build:
    """Single-flight over commit and a provider, and perhaps something in between."""
    return lambda leaf, *between: stack(SingleFlight(observe=facts.observe), *between, Commit(), leaf=leaf)


async def text(handler: Handler, call: Call) -> str:
    async with aclosing(await handler(call)) as reply:
        return await text_of(reply)


def gathered(work: Awaitable[str]) -> "asyncio.Task[str]":
    """A caller of its own."""
    return asyncio.ensure_future(work)


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
async def test_many_equal_calls_are_one_request_and_many_whole_answers(
    streamed: bool, equal: Equal, build: Build, facts: Facts
) -> None:
    provider = ScriptedProvider(answers("a", pauses(1), "b", opens_after=1))
    handler = build(provider)
    told = await asyncio.gather(*(text(handler, equal(streamed=streamed)) for _ in range(200)))
    assert told == ["ab"] * 200
    provider.assert_done()
    assert [fact.call_id for fact in facts.of(Joined)] == ["call_1"] * 199


async def test_a_call_whose_answer_the_cache_could_not_give_is_on_its_own(equal: Equal, build: Build) -> None:
    provider = ScriptedProvider(*[answers(str(number), opens_after=1) for number in range(5)])
    handler = build(provider)
    told = await asyncio.gather(*(text(handler, equal(question=b"")) for _ in range(5)))
    assert told == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "other",
    [{"question": b"r"}, {"streamed": True}, {"conditions": Conditions(max_attempts=5)}],
    ids=["question", "way of asking", "conditions"],
)
async def test_another_question_or_another_way_to_carry_it_out_is_another_request(
    other: dict[str, object], equal: Equal, build: Build
) -> None:
    provider = ScriptedProvider(answers("a", opens_after=1), answers("b", opens_after=1))
    handler = build(provider)
    assert [*await asyncio.gather(text(handler, equal()), text(handler, equal(**other)))] == ["a", "b"]


async def test_a_later_call_reads_from_the_beginning(equal: Equal, build: Build, now: Clock) -> None:
    provider = ScriptedProvider(answers("a", pauses(5), "b", pauses(5), "c"))
    handler = build(provider)
    first = gathered(text(handler, equal(streamed=True)))
    await asyncio.sleep(7)
    reply = await handler(equal(streamed=True))
    assert (await anext(reply)).HasField("started")
    assert [(await anext(reply)).text_delta.text for _ in range(2)] == ["a", "b"]
    assert now() == pytest.approx(7)
    assert await text_of(reply) == "c"
    assert await first == "abc"


@pytest.mark.parametrize("after", [0.0, 1.0, 7.0], ids=["at once", "before the commit", "in the middle"])
@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
async def test_the_one_who_opened_it_leaves_and_nothing_changes(
    after: float, streamed: bool, equal: Equal, build: Build
) -> None:
    provider = ScriptedProvider(answers("a", pauses(5), "b", opens_after=5))
    handler = build(provider)
    opener, joiner = (gathered(text(handler, equal(streamed=streamed))) for _ in range(2))
    await asyncio.sleep(after)
    opener.cancel()
    assert await joiner == "ab"
    assert (await asyncio.gather(opener, return_exceptions=True))[0].__class__ is asyncio.CancelledError
    provider.assert_done()


@pytest.mark.parametrize("after", [1.0, 7.0], ids=["before the commit", "in the middle"])
async def test_the_last_one_leaves_and_the_provider_is_let_go_at_once(
    after: float, equal: Equal, build: Build, now: Clock
) -> None:
    provider = ScriptedProvider(answers("a", hangs(), opens_after=5))
    handler = build(provider)
    callers = [gathered(text(handler, equal(streamed=True))) for _ in range(3)]
    await asyncio.sleep(after)
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    assert now() == after
    provider.assert_done()


async def test_whoever_comes_after_the_last_one_left_asks_anew(equal: Equal, build: Build) -> None:
    provider = ScriptedProvider(answers("a", hangs()), answers("b"))
    handler = build(provider)
    await (await handler(equal(streamed=True))).aclose()
    assert await text(handler, equal(streamed=True)) == "b"
    provider.assert_done()


async def test_whoever_leaves_last_waits_until_it_is_over_even_if_interrupted(equal: Equal, build: Build) -> None:
    over = False

    async def slow_to_let_go(call: Call) -> Reply:
        nonlocal over
        try:
            await asyncio.sleep(1e9)
        finally:
            await asyncio.sleep(3)
            over = True
        raise AssertionError

    caller = gathered(text(build(slow_to_let_go), equal()))
    for _ in range(3):
        await asyncio.sleep(1)
        caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert over


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
async def test_a_failure_is_told_to_all_each_has_one_of_its_own_and_the_next_asks_anew(
    streamed: bool, equal: Equal, build: Build
) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_RATE_LIMITED, after=1, retry_after=7), answers("a"))
    handler = build(provider)
    failures = await asyncio.gather(
        *(failure_of(handler(equal(streamed=streamed))) for _ in range(3)),
    )
    assert [(failure.kind, failure.retry_after) for failure in failures] == [(pb.FAILURE_KIND_RATE_LIMITED, 7)] * 3
    assert len({id(failure) for failure in failures}) == 3
    assert await text(handler, equal(streamed=streamed)) == "a"


async def test_a_stream_that_breaks_breaks_for_all_after_what_came(equal: Equal, build: Build) -> None:
    provider = ScriptedProvider(answers("a", pauses(1), "b", breaks()))
    handler = build(provider)

    async def read() -> str:
        reply = await handler(equal(streamed=True))
        heard = ""
        with pytest.raises(Failure, match="CUT_OFF"):
            async for event in reply:
                heard += event.text_delta.text
        return heard

    assert [*await asyncio.gather(read(), read())] == ["ab", "ab"]


async def test_a_fault_of_ours_is_told_to_all(equal: Equal, build: Build) -> None:
    async def faulty(call: Call) -> Reply:
        await asyncio.sleep(1)
        raise ZeroDivisionError

    handler = build(faulty)
    told = await asyncio.gather(*(handler(equal()) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in told] == [ZeroDivisionError] * 3


async def test_a_fault_of_ours_that_no_caller_hears_is_told_all_the_same(equal: Equal, build: Build) -> None:
    told = []

    async def faulty(call: Call) -> Reply:
        try:
            await asyncio.sleep(60)
        finally:
            raise ZeroDivisionError

    asyncio.get_running_loop().set_exception_handler(lambda _, about: told.append(type(about["exception"])))
    caller = gathered(text(build(faulty), equal()))
    await asyncio.sleep(1)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    del caller  # its traceback holds the flight, and the loop holds it for a moment
    await asyncio.sleep(1)
    gc.collect()
    assert told == [ZeroDivisionError]


def limited(provider: Handler, now: Clock, facts: Facts) -> Handler:
    """Each caller's time limit above, the clock for the first token below."""
    return stack(TimeLimit(now=now), SingleFlight(observe=facts.observe), FirstAnswer(now=now), Commit(), leaf=provider)


async def test_each_caller_is_bounded_by_its_own_time(equal: Equal, now: Clock, facts: Facts) -> None:
    handler = limited(ScriptedProvider(answers("late", opens_after=10)), now, facts)
    patient = gathered(text(handler, equal(seconds=60)))
    assert (await failure_of(handler(equal(seconds=4)))).kind == pb.FAILURE_KIND_OUT_OF_TIME
    assert now() == pytest.approx(3.8)
    assert await patient == "late"


async def test_what_is_below_plans_with_the_time_of_whoever_waits_longest(equal: Equal, build: Build) -> None:
    provider = ScriptedProvider(answers("late", opens_after=10))
    handler = build(provider)
    callers = [gathered(text(handler, equal(seconds=seconds))) for seconds in (20, 60, 40)]
    await asyncio.sleep(1)
    (call,) = provider.calls
    assert call.deadline == 60
    callers[1].cancel()
    await asyncio.sleep(1)
    assert call.deadline == 40
    await asyncio.gather(*callers, return_exceptions=True)


async def test_a_limit_of_the_attempt_holds_however_little_time_the_first_caller_had(
    equal: Equal, now: Clock, facts: Facts
) -> None:
    handler = limited(ScriptedProvider(answers("late", opens_after=99)), now, facts)
    clocks = {"streamed": True, "clocks": Clocks(first_token=10)}
    hasty = gathered(text(handler, equal(seconds=5, **clocks)))
    await asyncio.sleep(1)
    assert (await failure_of(handler(equal(seconds=600, **clocks)))).kind == pb.FAILURE_KIND_TOO_SLOW
    assert now() == pytest.approx(10)
    assert (await failure_of(hasty)).kind == pb.FAILURE_KIND_OUT_OF_TIME


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
async def test_what_a_reader_does_to_its_events_no_other_sees(streamed: bool, equal: Equal, build: Build) -> None:
    handler = build(ScriptedProvider(answers("a", pauses(1), "b", opens_after=1)))

    async def scribble() -> str:
        heard = ""
        async for event in await handler(equal(streamed=streamed)):
            heard += event.text_delta.text
            event.text_delta.text = "scribbled"
        return heard

    assert await asyncio.gather(*(scribble() for _ in range(3))) == ["ab"] * 3


async def test_the_attempts_are_the_first_callers_and_the_others_name_it(
    equal: Equal, now: Clock, facts: Facts, spans: SpanBook, build: Build
) -> None:
    attempt = Attempt(now=now, tracer=spans.tracer, observe=facts.observe)
    handler = build(ScriptedProvider(answers("a", opens_after=1)), attempt)
    opener, joiner = equal(), equal()
    await asyncio.gather(text(handler, opener), text(handler, joiner))
    assert (len(opener.ledger), opener.ledger.joined_call_id) == (1, "")
    assert (len(joiner.ledger), joiner.ledger.joined_call_id, joiner.ledger.cost) == (0, opener.id, 0)
    assert [fact.span for fact in facts.of(Joined)] == [spans.root.get_span_context()]


async def test_what_was_wrong_with_the_answer_is_known_to_all_who_share_it() -> None:
    opener, joiner = Ledger(), Ledger()
    joiner.join("call_1", opener)
    row = opener.open(PRIMARY, pb.ATTEMPT_CAUSE_FIRST, 0)
    row.outcome = pb.ATTEMPT_OUTCOME_ANSWERED
    assert not joiner.is_flawed
    row.detail = "1 malformed chunk was skipped"
    assert joiner.is_flawed


async def test_whoever_comes_once_the_answer_has_been_read_asks_anew(equal: Equal, build: Build) -> None:
    """By then it is in the cache, unless it may not be: then it is not for others either."""
    provider = ScriptedProvider(answers("a", pauses(1), "b"), answers("c"))
    handler = build(provider)
    slow = await handler(equal(streamed=True))
    assert await text(handler, equal(streamed=True)) == "ab"
    assert await text(handler, equal(streamed=True)) == "c"
    assert await text_of(slow) == "ab"


async def test_whoever_comes_before_anybody_has_read_the_end_shares_it(equal: Equal, build: Build) -> None:
    provider = ScriptedProvider(answers("a", pauses(1), "b"), answers("c"))
    handler = build(provider)
    slow = await handler(equal(streamed=True))
    await asyncio.sleep(5)
    reply = await handler(equal(streamed=True))
    assert reply.is_whole
    assert await text(handler, equal(streamed=True)) == "c"
    assert await text_of(reply) == await text_of(slow) == "ab"


async def test_whoever_comes_when_it_is_broken_asks_anew_while_others_read_what_came(
    equal: Equal, build: Build
) -> None:
    handler = build(ScriptedProvider(answers("a", pauses(1), "b", breaks()), answers("c")))
    slow = await handler(equal(streamed=True))
    await asyncio.sleep(5)
    assert await text(handler, equal(streamed=True)) == "c"
    assert (await failure_of(kinds_of(slow))).kind == pb.FAILURE_KIND_CUT_OFF


async def test_nobody_joins_a_request_that_is_being_given_up_and_its_end_is_not_the_next_ones(
    equal: Equal, build: Build
) -> None:
    asked = 0

    async def slow_to_let_go(call: Call) -> Reply:
        nonlocal asked
        asked += 1
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(3)
        return await ScriptedProvider(answers("hi"))(call)

    handler = build(slow_to_let_go)
    first = gathered(text(handler, equal()))
    await asyncio.sleep(1)
    first.cancel()
    await asyncio.sleep(1)
    second = gathered(text(handler, equal()))
    await asyncio.gather(first, return_exceptions=True)
    assert [*await asyncio.gather(second, text(handler, equal()))] == ["hi", "hi"]
    assert asked == 2


async def test_a_request_that_failed_is_let_go_of_without_a_search_for_garbage(equal: Equal, build: Build) -> None:
    async def overloaded(call: Call) -> Reply:
        await asyncio.sleep(1)
        raise Failure(pb.FAILURE_KIND_OVERLOADED, "")

    async def ask() -> "weakref.ref[Call]":
        call = equal()
        with suppress(Failure):
            await build(overloaded)(call)
        return weakref.ref(call)

    gc.collect()
    gc.disable()
    try:
        gone = await ask()
        await asyncio.sleep(1)
        assert gone() is None
    finally:
        gc.enable()


LARGE = "x" * 100_000
ROOM = MOST_BYTES // (len(LARGE) + EVENT_OVERHEAD)


def endless(read: list[int]) -> list[Step]:
    def count(number: int) -> Step:
        async def step() -> pb.ChatEvent:
            read.append(number)
            await asyncio.sleep(0)
            return pb.ChatEvent(text_delta=pb.TextDelta(text=LARGE))

        return step

    return [count(number) for number in range(2 * ROOM)]


async def test_nothing_is_read_that_nobody_wants_but_a_little(equal: Equal, build: Build) -> None:
    read: list[int] = []
    reply = await build(ScriptedProvider(answers(*endless(read))))(equal(streamed=True))
    await asyncio.sleep(60)
    assert len(read) == 1 + AHEAD_BYTES // len(LARGE)
    for _ in range(10):
        await anext(reply)
    await asyncio.sleep(60)
    assert len(read) <= 10 + 1 + AHEAD_BYTES // len(LARGE)
    await reply.aclose()


async def test_one_that_does_not_read_holds_up_nobody_and_is_cut_off_when_it_is_far_behind(
    equal: Equal, build: Build
) -> None:
    handler = build(ScriptedProvider(answers(*endless([]))))
    idle, fast = await handler(equal(streamed=True)), await handler(equal(streamed=True))
    told = Watched(fast)
    assert len(await text_of(fast)) == 2 * ROOM * len(LARGE)
    assert [type(ending) for ending in told] == [Completed]
    failure = await failure_of(kinds_of(idle))
    assert failure.kind == pb.FAILURE_KIND_CUT_OFF
    assert "too slowly" in failure.detail


async def test_whoever_comes_when_the_beginning_has_gone_asks_anew(equal: Equal, build: Build) -> None:
    provider = ScriptedProvider(answers(*endless([])), answers("b"))
    handler = build(provider)
    fast = await handler(equal(streamed=True))
    for _ in range(ROOM + 5):
        await anext(fast)
    assert await text(handler, equal(streamed=True)) == "b"
    await fast.aclose()
    provider.assert_done()


async def test_a_whole_answer_is_for_all_however_long_it_is(equal: Equal, build: Build) -> None:
    provider = ScriptedProvider(answers(*endless([]), opens_after=1))
    handler = build(provider)
    told = await asyncio.gather(*(text(handler, equal()) for _ in range(3)))
    assert [len(heard) for heard in told] == [2 * ROOM * len(LARGE)] * 3


async def test_of_three_one_leaves_unread_and_one_in_the_middle(equal: Equal, build: Build) -> None:
    handler = build(ScriptedProvider(answers("a", pauses(1), "b")))
    replies = [await handler(equal(streamed=True)) for _ in range(3)]
    told = [Watched(reply) for reply in replies]
    await replies[0].aclose()
    await anext(replies[1])
    await replies[1].aclose()
    assert await text_of(replies[2]) == "ab"
    assert [type(ending) for (ending,) in told] == [Abandoned, Abandoned, Completed]


def test_a_copy_of_a_failure_is_the_same_in_everything() -> None:
    failure = Failure(pb.FAILURE_KIND_OVERLOADED, "d", retry_after=3, provider_request_id="r", another_key=True)
    copy = failure.copy()
    assert copy is not failure
    assert vars(copy) == vars(failure)
    assert str(copy) == str(failure)
