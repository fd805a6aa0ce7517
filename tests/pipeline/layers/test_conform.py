"""Each target's answer against the form that was asked for."""

import asyncio
import json
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.facts import AnswerChecked, AskedAgain, Fit, RetryScheduled
from service.pipeline.judge import Judge
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.conform import Conform
from service.pipeline.layers.retry import Retry, RetryOptions
from service.pipeline.stack import stack
from service.policies.budget import CAP, Budget
from service.policies.per_target import PerTarget
from tests.conftest import PRIMARY
from tests.kit.facts import Facts
from tests.kit.forms import COMPLAINT, FITS, MENDS, UNFIT, InlineForms, asks_for_json
from tests.kit.replies import failure_of, text_of
from tests.kit.scripted import ScriptedProvider, answers, completes, pauses, refuses, says
from tests.kit.spans import SpanBook

SPARE, THIRD = Target("spare", "m2"), Target("third", "m3")

ACall = Callable[..., Call]
Build = Callable[..., Handler]


@pytest.fixture
def budgets(now: Callable[[], float]) -> PerTarget[Budget]:
    return PerTarget(lambda target: Budget(now))


@pytest.fixture
def build(now: Callable[[], float], spans: SpanBook, facts: Facts, budgets: PerTarget[Budget]) -> Build:
    """The layer over those that it works with."""

    def make(provider: ScriptedProvider, forms: InlineForms | None = None) -> Handler:
        judge = Judge(forms=forms or InlineForms(), now=now, observe=facts.observe)
        retry = Retry(
            options=RetryOptions(),
            budgets=budgets,
            now=now,
            sleep=asyncio.sleep,
            random=lambda: 0.5,
            observe=facts.observe,
        )
        return stack(
            Conform(judge=judge, budgets=budgets, now=now, observe=facts.observe),
            retry,
            Attempt(now=now, tracer=spans.tracer, observe=facts.observe),
            Commit(),
            leaf=provider,
        )

    return make


@pytest.fixture
def wanting(a_call: ACall) -> ACall:
    """Makes calls that ask for a person in JSON."""
    return lambda **fields: a_call(**{"request": asks_for_json(), **fields})


async def end_of(reply: Reply) -> pb.ChatResponse:
    return (await reply.read())[-1].completed


def fits_of(facts: Facts) -> list[Fit]:
    return [fact.fit for fact in facts.of(AnswerChecked)]


async def test_a_call_without_a_form_is_left_alone(build: Build, a_call: ACall) -> None:
    forms = InlineForms()
    end = await end_of(await build(ScriptedProvider(answers("hi")), forms)(a_call()))
    assert not end.HasField("structured_output")
    assert forms.texts == []


async def test_an_answer_that_fits_is_valid_and_stays_as_it_is(build: Build, wanting: ACall, facts: Facts) -> None:
    reply = await build(ScriptedProvider(answers(FITS[:9], FITS[9:])))(wanting())
    assert reply.is_whole
    events = await reply.read()
    assert [event.text_delta.text for event in events if event.HasField("text_delta")] == [FITS[:9], FITS[9:]]
    assert events[-1].completed.structured_output == pb.StructuredOutput(valid=True)
    assert facts.of(AnswerChecked) == [AnswerChecked(1, PRIMARY, Fit.VALID)]


async def test_an_answer_that_is_nearly_json_is_mended_without_asking_anyone(
    build: Build, wanting: ACall, facts: Facts
) -> None:
    events = await (await build(ScriptedProvider(answers(MENDS[:9], MENDS[9:])))(wanting())).read()
    (text,) = [event.text_delta.text for event in events if event.HasField("text_delta")]
    assert json.loads(text) == json.loads(FITS)
    assert events[-1].completed.structured_output == pb.StructuredOutput(valid=True, repaired=True)
    assert fits_of(facts) == [Fit.REPAIRED]


async def test_a_target_is_shown_what_is_wrong_and_asked_once_more(build: Build, wanting: ACall, facts: Facts) -> None:
    provider = ScriptedProvider(answers(UNFIT), answers(FITS))
    call = wanting()
    reply = await build(provider)(call)
    events = await reply.read()
    assert "".join(event.text_delta.text for event in events) == FITS
    assert events[-1].completed.structured_output == pb.StructuredOutput(valid=True, reasked=True)
    asked = provider.calls[1].request
    assert [message.role for message in asked.messages] == [pb.ROLE_USER, pb.ROLE_ASSISTANT, pb.ROLE_USER]
    assert asked.messages[1].parts[0].text == UNFIT
    assert COMPLAINT in asked.messages[2].parts[0].text
    assert asked.response_format == call.request.response_format
    assert [row.cause for row in call.ledger] == [pb.ATTEMPT_CAUSE_FIRST, pb.ATTEMPT_CAUSE_RETRY]
    assert facts.of(AskedAgain) == [AskedAgain(1, PRIMARY)]
    provider.assert_done()


async def test_a_second_answer_may_be_mended_too(build: Build, wanting: ACall) -> None:
    end = await end_of(await build(ScriptedProvider(answers(UNFIT), answers(MENDS)))(wanting()))
    assert end.structured_output == pb.StructuredOutput(valid=True, repaired=True, reasked=True)


async def test_two_answers_that_do_not_fit_are_a_failure_and_the_second_is_in_hand(
    build: Build, wanting: ACall, facts: Facts
) -> None:
    provider = ScriptedProvider(answers(UNFIT), answers("{}"))
    call = wanting()
    failure = await failure_of(build(provider)(call))
    assert failure.kind == pb.FAILURE_KIND_MALFORMED
    assert '"name" is a required property' in failure.detail
    assert await text_of(Reply.whole(call.ledger.in_hand)) == "{}"
    output = call.ledger.in_hand[-1].completed.structured_output
    assert (output.valid, output.reasked, len(output.violations)) == (False, True, 2)
    assert [row.outcome for row in call.ledger] == [pb.ATTEMPT_OUTCOME_ANSWERED] * 2
    assert fits_of(facts) == [Fit.UNFIT, Fit.UNFIT]
    provider.assert_done()


@pytest.mark.parametrize("kind", [pb.FAILURE_KIND_OVERLOADED, pb.FAILURE_KIND_CONTENT_FILTERED])
async def test_a_failure_of_the_second_request_hides_nothing_and_is_not_retried(
    build: Build, wanting: ACall, facts: Facts, kind: pb.FailureKind.ValueType
) -> None:
    provider = ScriptedProvider(answers(UNFIT), refuses(kind))
    call = wanting()
    failure = await failure_of(build(provider)(call))
    assert (failure.kind, COMPLAINT in failure.detail) == (pb.FAILURE_KIND_MALFORMED, True)
    output = call.ledger.in_hand[-1].completed.structured_output
    assert output == pb.StructuredOutput(reasked=True, violations=[COMPLAINT])
    assert facts.of(RetryScheduled) == []
    provider.assert_done()


async def test_a_second_answer_that_is_cut_off_is_no_better_than_the_first(build: Build, wanting: ACall) -> None:
    cut = answers(says('{"name":'), completes(pb.FINISH_REASON_LENGTH))
    call = wanting()
    assert (await failure_of(build(ScriptedProvider(answers(UNFIT), cut))(call))).kind == pb.FAILURE_KIND_MALFORMED
    assert await text_of(Reply.whole(call.ledger.in_hand)) == UNFIT


async def test_a_target_that_wants_a_tool_the_second_time_gets_it(build: Build, wanting: ACall) -> None:
    wants = answers(says("Let me see."), completes(pb.FINISH_REASON_TOOL_CALLS))
    end = await end_of(await build(ScriptedProvider(answers(UNFIT), wants))(wanting()))
    assert (end.finish_reason, end.HasField("structured_output")) == (pb.FINISH_REASON_TOOL_CALLS, False)


async def test_the_second_request_is_paid_for_by_the_budget_of_the_target(
    build: Build, wanting: ACall, budgets: PerTarget[Budget]
) -> None:
    before = budgets[PRIMARY].fill * CAP
    await end_of(await build(ScriptedProvider(answers(UNFIT), answers(FITS)))(wanting()))
    assert budgets[PRIMARY].fill * CAP == pytest.approx(before - 1)


async def test_a_spare_that_answered_first_is_the_one_that_is_checked_paid_for_and_asked_again(
    now: Callable[[], float], wanting: ACall, budgets: PerTarget[Budget], facts: Facts, spans: SpanBook
) -> None:
    provider = ScriptedProvider(answers(UNFIT), answers(FITS))
    below = stack(Attempt(now=now, tracer=spans.tracer, observe=facts.observe), Commit(), leaf=provider)

    async def hedged(call: Call) -> Reply:
        """The first request is lost to a copy that went to the spare."""
        if len(call.ledger):
            return await below(call)
        call.ledger.open(call.target, call.cause, 0).outcome = pb.ATTEMPT_OUTCOME_ABANDONED
        return await below(changed(call, target=SPARE))

    judge = Judge(forms=InlineForms(), now=now, observe=facts.observe)
    layer = Conform(judge=judge, budgets=budgets, now=now, observe=facts.observe)
    before = budgets[PRIMARY].fill * CAP, budgets[SPARE].fill * CAP

    clocks = Clocks(attempt=7.0)
    candidates = [Candidate(target=PRIMARY), Candidate(target=SPARE, clocks=clocks), Candidate(target=THIRD)]
    call = wanting(candidates=candidates, behind=lambda: candidates[1:])
    await end_of(await layer(call, hedged))

    assert (provider.calls[1].target, provider.calls[1].clocks) == (SPARE, clocks)
    assert [other.target for other in provider.calls[1].others] == [THIRD]
    assert [fact.target for fact in facts.of(AnswerChecked)] == [SPARE, SPARE]
    assert facts.of(AskedAgain) == [AskedAgain(2, SPARE)]
    assert (budgets[PRIMARY].fill * CAP, budgets[SPARE].fill * CAP) == pytest.approx((before[0], before[1] - 1))


async def test_an_empty_budget_leaves_it_at_one_request(
    build: Build, wanting: ACall, budgets: PerTarget[Budget]
) -> None:
    while budgets[PRIMARY].withdraw():
        pass
    provider = ScriptedProvider(answers(UNFIT))
    call = wanting()
    await failure_of(build(provider)(call))
    assert not call.ledger.in_hand[-1].completed.structured_output.reasked
    provider.assert_done()


async def test_no_more_requests_are_made_than_the_call_may_make(build: Build, wanting: ACall) -> None:
    provider = ScriptedProvider(answers(UNFIT))
    await failure_of(build(provider)(wanting(conditions=Conditions(max_attempts=1))))
    provider.assert_done()


@pytest.mark.parametrize(("seconds", "requests"), [(19.0, 1), (21.0, 2)])
async def test_nobody_is_asked_again_who_took_more_time_than_is_left(
    build: Build, wanting: ACall, seconds: float, requests: int
) -> None:
    provider = ScriptedProvider(answers(UNFIT, opens_after=10), *[answers(FITS)] * (requests - 1))
    work = build(provider)(wanting(seconds=seconds))
    if requests == 1:
        await failure_of(work)
    else:
        await end_of(await work)
    provider.assert_done()


@pytest.mark.parametrize(
    ("finish", "word"),
    [
        (pb.FINISH_REASON_LENGTH, "limit of output tokens"),
        (pb.FINISH_REASON_CONTENT_FILTER, "withheld"),
        (pb.FINISH_REASON_REFUSAL, "declined"),
        (pb.FINISH_REASON_PAUSE, "paused"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
async def test_an_answer_that_is_not_whole_is_invalid_and_neither_mended_nor_asked_for_again(
    build: Build, wanting: ACall, finish: pb.FinishReason.ValueType, word: str, streamed: bool
) -> None:
    forms = InlineForms()
    provider = ScriptedProvider(answers(says('{"name": "Ada", "age": 3'), completes(finish)))
    events = [event async for event in await build(provider, forms)(wanting(streamed=streamed))]
    output = events[-1].completed.structured_output
    assert (output.valid, forms.texts) == (False, [])
    (violation,) = output.violations
    assert word in violation


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_model_that_wants_tools_first_is_not_checked(build: Build, wanting: ACall, streamed: bool) -> None:
    provider = ScriptedProvider(answers(says("Let me see."), completes(pb.FINISH_REASON_TOOL_CALLS)))
    events = [event async for event in await build(provider)(wanting(streamed=streamed))]
    assert not events[-1].completed.HasField("structured_output")


@pytest.mark.parametrize("streamed", [False, True])
async def test_an_answer_that_nobody_could_check_is_given_as_it_is_and_says_so(
    build: Build, wanting: ACall, facts: Facts, streamed: bool
) -> None:
    reply = await build(ScriptedProvider(answers(FITS)), InlineForms(unable="it was not checked"))(
        wanting(streamed=streamed)
    )
    events = [event async for event in reply]
    assert "".join(event.text_delta.text for event in events) == FITS
    assert events[-1].completed.structured_output == pb.StructuredOutput(violations=["it was not checked"])
    assert fits_of(facts) == [Fit.UNCHECKED]


async def test_a_look_leaves_time_to_give_the_answer_out(
    build: Build, wanting: ACall, now: Callable[[], float]
) -> None:
    end = await end_of(await build(ScriptedProvider(answers(FITS)), InlineForms(takes=99))(wanting(seconds=2)))
    assert now() == pytest.approx(1.6), "the answer is to be given out in time, whatever it is"
    assert not end.structured_output.valid


async def test_without_a_schema_any_object_will_do(build: Build, a_call: ACall) -> None:
    end = await end_of(await build(ScriptedProvider(answers('{"a": 1}')))(a_call(request=asks_for_json(None))))
    assert end.structured_output.valid
    provider = ScriptedProvider(answers("[1]"), answers("```json\n{}\n```"))
    end = await end_of(await build(provider)(a_call(request=asks_for_json(None))))
    assert end.structured_output == pb.StructuredOutput(valid=True, repaired=True, reasked=True)


async def test_a_stream_is_shown_as_it_comes_and_checked_at_its_end(
    build: Build, wanting: ACall, now: Callable[[], float], facts: Facts
) -> None:
    reply = await build(ScriptedProvider(answers(FITS[:9], pauses(3), FITS[9:])))(wanting(streamed=True))
    times = [(event.text_delta.text, now()) async for event in reply if event.HasField("text_delta")]
    assert times == [(FITS[:9], 0), (FITS[9:], 3)]
    assert fits_of(facts) == [Fit.VALID]


@pytest.mark.parametrize("text", [UNFIT, MENDS])
async def test_a_stream_is_never_mended_or_asked_for_again(build: Build, wanting: ACall, text: str) -> None:
    provider = ScriptedProvider(answers(text))
    events = [event async for event in await build(provider)(wanting(streamed=True))]
    assert "".join(event.text_delta.text for event in events) == text
    output = events[-1].completed.structured_output
    assert (output.valid, output.repaired, output.reasked, len(output.violations)) == (False, False, False, 1)
    provider.assert_done()


async def test_a_stream_that_is_left_is_closed(build: Build, wanting: ACall, facts: Facts) -> None:
    provider = ScriptedProvider(answers(FITS[:9], FITS[9:]))
    reply = await build(provider)(wanting(streamed=True))
    await reply.aclose()
    provider.assert_done()
    assert fits_of(facts) == []
