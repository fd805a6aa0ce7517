"""Streams that break go on, visibly."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.conditions import Conditions
from service.chat.failures import VERDICTS, Failure, Onward
from service.chat.fold import Fold
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.facts import Recovered
from service.pipeline.latencies import Latencies
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.fallback import Fallback, FallbackOptions
from service.pipeline.layers.recover import Recover
from service.pipeline.layers.retry import Retry, RetryOptions
from service.pipeline.planning import Planning
from service.pipeline.stack import stack
from service.policies.budget import Budget
from service.policies.per_target import PerTarget
from service.policies.recovery import MOST_CHARACTERS, Said
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, text_of
from tests.kit.scripted import ScriptedProvider, Step, answers, breaks, hangs, refuses, says, thinks
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
Build = Callable[..., Handler]
A, B, C = (Target(name, "m") for name in "abc")
PLAIN = [Candidate(target=A), Candidate(target=B)]
"""Nobody takes the beginning of an answer."""
ABLE = [replace(candidate, takes_prefix=True) for candidate in PLAIN]
RESTART = Conditions(recovery=pb.RECOVERY_RESTART)
RECOVERABLE = [kind for kind, verdict in VERDICTS.items() if verdict.onward is Onward.YES]


@pytest.fixture
def budgets(now: Callable[[], float]) -> PerTarget[Budget]:
    return PerTarget(lambda target: Budget(now))


@pytest.fixture
def build(now: Callable[[], float], spans: SpanBook, facts: Facts, budgets: PerTarget[Budget]) -> Build:
    async def no_sleep(seconds: float) -> None:
        return

    def make(provider: ScriptedProvider) -> Handler:
        silent = Facts().observe
        retry = Retry(
            options=RetryOptions(), budgets=budgets, now=now, sleep=no_sleep, random=lambda: 0.5, observe=silent
        )
        planning = Planning(Latencies(now), now, lambda: 0.5)
        return stack(
            Recover(budgets=budgets, observe=facts.observe),
            Fallback(options=FallbackOptions(), planning=planning, observe=silent),
            retry,
            Attempt(now=now, tracer=spans.tracer, observe=silent),
            Commit(),
            leaf=provider,
        )

    return make


@pytest.fixture
def streamed(a_call: ACall) -> ACall:
    return lambda **fields: a_call(streamed=True, **{"candidates": ABLE, **fields})


def calls_tool() -> Step:
    async def step() -> pb.ChatEvent:
        return pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=1, id="c1", name="weather"))

    return step


def speaks(part: int, text: str) -> Step:
    async def step() -> pb.ChatEvent:
        return pb.ChatEvent(text_delta=pb.TextDelta(part=part, text=text))

    return step


async def events_of(reply: Reply) -> list[pb.ChatEvent]:
    return [event async for event in reply]


def reset_in(events: list[pb.ChatEvent]) -> pb.AttemptReset:
    (reset,) = [event.attempt_reset for event in events if event.HasField("attempt_reset")]
    return reset


def folded(events: list[pb.ChatEvent]) -> pb.Message:
    fold = Fold()
    for event in events:
        fold.add(event)
    return fold.message()


async def test_it_goes_on_after_what_was_said(build: Build, streamed: ACall, facts: Facts) -> None:
    call, provider = streamed(), ScriptedProvider(answers("Once upon", breaks()), answers(" a time"))
    events = await events_of(await build(provider)(call))
    assert [event.WhichOneof("event") for event in events] == [
        *("started", "text_delta", "attempt_reset", "text_delta", "completed")
    ]
    reset = reset_in(events)
    assert (reset.mode, reset.reason) == (pb.RESET_MODE_CONTINUE, pb.FAILURE_KIND_CUT_OFF)
    assert (reset.provider, reset.model, reset.source) == ("a", "m", pb.SOURCE_MODEL)
    assert reset.notice == "the answer broke off, and a/m went on with it"
    assert [part.text for part in folded(events).parts] == ["Once upon a time"]
    assert [(fact.attempt, fact.mode) for fact in facts.of(Recovered)] == [(1, pb.RESET_MODE_CONTINUE)]
    provider.assert_done()


async def test_the_next_model_is_asked_with_what_was_said_as_its_own_beginning(build: Build, streamed: ACall) -> None:
    call, provider = streamed(), ScriptedProvider(answers("Once ", "upon \n", breaks()), answers("a time"))
    await events_of(await build(provider)(call))
    asked = provider.calls[1].request
    assert list(asked.messages[:-1]) == list(call.request.messages)
    assert asked.messages[-1].role == pb.ROLE_ASSISTANT
    assert [part.text for part in asked.messages[-1].parts] == ["Once upon"]


async def test_blanks_that_were_shown_are_not_shown_twice(build: Build, streamed: ACall) -> None:
    takes = [answers("One.\n\n", breaks()), answers("\n", "\n\n", "Two.")]
    assert await text_of(await build(ScriptedProvider(*takes))(streamed())) == "One.\n\n\nTwo."


async def test_what_else_it_says_stands_in_parts_of_its_own(build: Build, streamed: ACall) -> None:
    takes = [answers("a", breaks()), answers(thinks("hm"), speaks(1, "b"), speaks(2, "c"))]
    events = await events_of(await build(ScriptedProvider(*takes))(streamed()))
    message = folded(events)
    assert [(part.text, part.reasoning.text) for part in message.parts] == [("ab", ""), ("", "hm"), ("c", "")]


async def test_fewer_tokens_are_left_for_the_rest(build: Build, streamed: ACall) -> None:
    request = pb.ChatRequest(
        model="fast", messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="q")])], max_output_tokens=100
    )
    call, provider = streamed(request=request), ScriptedProvider(answers("word " * 40, breaks()), answers("end"))
    await events_of(await build(provider)(call))
    assert 50 < provider.calls[1].request.max_output_tokens < 70


async def test_only_who_takes_the_beginning_of_an_answer_goes_on_with_one(build: Build, streamed: ACall) -> None:
    provider = ScriptedProvider(answers("a", breaks()), answers("b"))
    events = await events_of(await build(provider)(streamed(candidates=[PLAIN[0], ABLE[1]])))
    assert [asked.target for asked in provider.calls] == [A, B]
    assert reset_in(events).provider == "b"


@pytest.mark.parametrize(
    "said",
    [[thinks("hm"), speaks(1, "a")], [speaks(0, "a"), calls_tool()], [says(" \n")]],
    ids=["thoughts", "a fragment of a call", "nothing but blanks"],
)
async def test_after_anything_but_plain_text_it_ends_with_an_error(
    said: list[Step], build: Build, streamed: ACall
) -> None:
    provider = ScriptedProvider(answers(*said, breaks()))
    failure = await failure_of(events_of(await build(provider)(streamed())))
    assert failure.kind == pb.FAILURE_KIND_CUT_OFF


async def test_structured_output_is_never_continued(build: Build, streamed: ACall) -> None:
    request = pb.ChatRequest(
        messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="q")])],
        response_format=pb.ResponseFormat(json_object=pb.JsonObjectFormat()),
    )
    await failure_of(events_of(await build(ScriptedProvider(answers("{", breaks())))(streamed(request=request))))


@pytest.mark.parametrize("said", [[says("a")], [thinks("hm")], [speaks(0, "a"), calls_tool()]])
async def test_a_caller_who_can_forget_is_told_to(said: list[Step], build: Build, streamed: ACall) -> None:
    call = streamed(candidates=PLAIN, conditions=RESTART)
    provider = ScriptedProvider(answers(*said, breaks()), answers("anew"))
    events = await events_of(await build(provider)(call))
    assert reset_in(events).mode == pb.RESET_MODE_DISCARD
    assert reset_in(events).notice == "the answer broke off, and a/m began anew"
    assert [part.text for part in folded(events).parts] == ["anew"]
    assert provider.calls[1].request == call.request


async def test_a_caller_who_can_forget_need_not_where_going_on_is_safe(build: Build, streamed: ACall) -> None:
    provider = ScriptedProvider(answers("a", breaks()), answers("b"))
    events = await events_of(await build(provider)(streamed(conditions=RESTART)))
    assert reset_in(events).mode == pb.RESET_MODE_CONTINUE


async def test_a_caller_who_wants_neither_gets_the_error(build: Build, streamed: ACall) -> None:
    call = streamed(conditions=Conditions(recovery=pb.RECOVERY_FAIL))
    await failure_of(events_of(await build(ScriptedProvider(answers("a", breaks())))(call)))


@pytest.mark.parametrize("kind", VERDICTS, ids=pb.FailureKind.Name)
async def test_what_another_model_could_not_mend_is_told(
    kind: pb.FailureKind.ValueType, build: Build, streamed: ACall
) -> None:
    takes = [answers("a", breaks(kind)), answers("b")]
    if kind in RECOVERABLE:
        assert await text_of(await build(ScriptedProvider(*takes))(streamed())) == "ab"
    else:
        failure = await failure_of(events_of(await build(ScriptedProvider(takes[0]))(streamed())))
        assert failure.kind == kind


async def test_a_refusal_of_the_beginning_does_not_hide_why_the_stream_broke(build: Build, streamed: ACall) -> None:
    provider = ScriptedProvider(answers("a", breaks()), refuses(pb.FAILURE_KIND_INVALID_REQUEST))
    call = streamed()
    failure = await failure_of(events_of(await build(provider)(call)))
    assert failure.kind == pb.FAILURE_KIND_CUT_OFF
    assert [row.failure for row in call.ledger] == [pb.FAILURE_KIND_CUT_OFF, pb.FAILURE_KIND_INVALID_REQUEST]


async def test_it_goes_on_as_often_as_there_are_attempts(build: Build, streamed: ACall) -> None:
    call = streamed(conditions=Conditions(max_attempts=3))
    provider = ScriptedProvider(*[answers("a", breaks())] * 3)
    failure = await failure_of(events_of(await build(provider)(call)))
    assert failure.kind == pb.FAILURE_KIND_CUT_OFF
    assert [row.cause for row in call.ledger] == [pb.ATTEMPT_CAUSE_FIRST, *[pb.ATTEMPT_CAUSE_RECOVERY] * 2]
    provider.assert_done()


async def test_each_attempt_says_what_it_brought(build: Build, streamed: ACall) -> None:
    call = streamed()
    await events_of(await build(ScriptedProvider(answers("a", breaks()), answers("b")))(call))
    assert [row.outcome for row in call.ledger] == [pb.ATTEMPT_OUTCOME_FAILED, pb.ATTEMPT_OUTCOME_ANSWERED]
    assert [row.usage.output_tokens for row in call.ledger][1] == 5


async def test_asking_a_target_again_is_paid_for(build: Build, streamed: ACall, budgets: PerTarget[Budget]) -> None:
    takes = [answers("a", breaks()), answers("b")]
    await events_of(await build(ScriptedProvider(*takes))(streamed()))
    assert (budgets[A].fill < 1, budgets[B].fill) == (True, 1)


async def test_asking_a_target_for_the_first_time_is_free(
    build: Build, streamed: ACall, budgets: PerTarget[Budget]
) -> None:
    provider = ScriptedProvider(answers("a", breaks()), answers("b"))
    await events_of(await build(provider)(streamed(candidates=[PLAIN[0], ABLE[1]])))
    assert [asked.target for asked in provider.calls] == [A, B]
    assert (budgets[A].fill, budgets[B].fill) == (1, 1)


async def test_a_target_whose_budget_is_empty_is_left_out(
    build: Build, streamed: ACall, budgets: PerTarget[Budget]
) -> None:
    while budgets[A].withdraw():
        pass
    provider = ScriptedProvider(answers("a", breaks()), answers("b"))
    await events_of(await build(provider)(streamed()))
    assert [asked.target for asked in provider.calls] == [A, B]


async def test_nobody_who_may_be_asked_is_left(build: Build, streamed: ACall, budgets: PerTarget[Budget]) -> None:
    while budgets[A].withdraw():
        pass
    provider = ScriptedProvider(answers("a", breaks()))
    await failure_of(events_of(await build(provider)(streamed(candidates=[ABLE[0]]))))


async def test_a_caller_who_leaves_closes_the_answer_that_goes_on(build: Build, streamed: ACall) -> None:
    provider = ScriptedProvider(answers("a", breaks()), answers("b", hangs()))
    reply = await build(provider)(streamed())
    for _ in range(4):
        await anext(reply)
    await reply.aclose()
    provider.assert_done()


async def test_a_failure_before_the_first_delta_is_not_its_business(
    build: Build, streamed: ACall, facts: Facts
) -> None:
    takes = [refuses(pb.FAILURE_KIND_INVALID_REQUEST)]
    failure = await failure_of(build(ScriptedProvider(*takes))(streamed()))
    assert isinstance(failure, Failure)
    assert facts.of(Recovered) == []


async def test_a_target_that_broke_off_twice_is_not_asked_a_third_time(build: Build, streamed: ACall) -> None:
    provider = ScriptedProvider(*[answers("a", breaks())] * 4)
    await failure_of(events_of(await build(provider)(streamed())))
    assert [asked.target for asked in provider.calls] == [A, A, B, B]


async def test_a_caller_who_can_forget_gets_a_whole_answer_where_the_beginning_of_one_is_refused(
    build: Build, streamed: ACall
) -> None:
    takes = [answers("a", breaks()), refuses(pb.FAILURE_KIND_INVALID_REQUEST), answers("anew")]
    provider = ScriptedProvider(*takes)
    events = await events_of(await build(provider)(streamed(conditions=RESTART)))
    assert [part.text for part in folded(events).parts] == ["anew"]


async def test_a_long_answer_is_not_kept_in_order_to_go_on_with_it(build: Build, streamed: ACall) -> None:
    provider = ScriptedProvider(answers("a" * MOST_CHARACTERS, "b", breaks()))
    await failure_of(events_of(await build(provider)(streamed())))
    said = Said()
    for _ in range(3):
        said.add(pb.ChatEvent(text_delta=pb.TextDelta(text="a" * MOST_CHARACTERS)))
    assert (said.is_plain, said.text) == (False, "")
