"""When a rule answers instead of a model, and when it never does."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.conditions import Conditions
from service.chat.failures import VERDICTS, Failure
from service.chat.fold import Fold
from service.chat.reply import Completed, Reply
from service.chat.routes import Entrance, Routes
from service.chat.target import Candidate
from service.pipeline.facts import Degraded
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.degrade import Degrade
from service.pipeline.layers.time_limit import TimeLimit
from service.pipeline.stack import stack
from service.policies.rules import Rule, RuleBook
from tests.kit.facts import Facts
from tests.kit.replies import Watched, failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, answers, breaks, hangs, refuses

ACall = Callable[..., Call]
Clock = Callable[[], float]

ALLOWED = Conditions(degrade=True)
RULES = RuleBook(
    rules=[
        Rule(name="price", keywords=("price", "价格"), answers={"zh": "价格。", "en": "Prices."}),
        Rule(name="nothing", patterns=("^$",), answers={"en": "You asked nothing."}),
    ],
    default={"zh": "默认。", "en": "Default."},
    contact={"en": "ops"},
    notices={"zh": "自动。", "en": "Automatic."},
)
STAND_IN = [kind for kind, verdict in VERDICTS.items() if verdict.stand_in]
NEVER = [kind for kind, verdict in VERDICTS.items() if not verdict.stand_in]


def named(kind: pb.FailureKind.ValueType) -> str:
    return pb.FailureKind.Name(kind)


def asking(*messages: pb.Message, **fields: Any) -> pb.ChatRequest:
    return pb.ChatRequest(model="fast", messages=messages, **fields)


def user(*texts: str) -> pb.Message:
    return pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text=text) for text in texts])


async def ask(provider: ScriptedProvider, call: Call, facts: Facts) -> Reply:
    return await stack(Degrade(rules=RULES, observe=facts.observe), Commit(), leaf=provider)(call)


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize("kind", STAND_IN, ids=named)
async def test_a_rule_answers_where_the_verdict_says_stand_in(
    kind: pb.FailureKind.ValueType, streamed: bool, a_call: ACall, facts: Facts
) -> None:
    call = a_call(text="the price?", streamed=streamed, conditions=ALLOWED)
    reply = await ask(ScriptedProvider(refuses(kind)), call, facts)
    watched = Watched(reply)
    assert reply.is_whole
    assert [event async for event in reply] == [
        pb.ChatEvent(started=pb.Started(source=pb.SOURCE_RULE, notice="Automatic.")),
        pb.ChatEvent(text_delta=pb.TextDelta(part=0, text="Prices.")),
        pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP)),
    ]
    (ending,) = watched
    assert isinstance(ending, Completed)
    assert not ending.response.HasField("usage")
    ((fact,), (failure,)) = (facts.of(Degraded), {fact.failure.kind for fact in facts.of(Degraded)})
    assert (fact.rule, failure, len(facts)) == ("price", kind, 1)


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize("kind", NEVER, ids=named)
async def test_a_failure_that_nobody_may_stand_in_for_passes_through(
    kind: pb.FailureKind.ValueType, streamed: bool, a_call: ACall, facts: Facts
) -> None:
    call = a_call(streamed=streamed, conditions=ALLOWED)
    assert (await failure_of(ask(ScriptedProvider(refuses(kind)), call, facts))).kind == kind
    assert facts == []


@pytest.mark.parametrize(
    "wish",
    [
        {"tools": [pb.Tool(name="look")]},
        {"response_format": pb.ResponseFormat(json_object=pb.JsonObjectFormat())},
        {"response_format": pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="x"))},
    ],
    ids=["tools", "object", "schema"],
)
async def test_a_call_that_wants_tools_or_a_form_is_never_degraded(
    wish: dict[str, Any], a_call: ACall, facts: Facts
) -> None:
    call = a_call(request=asking(user("price"), **wish), conditions=ALLOWED)
    failure = await failure_of(ask(ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED)), call, facts))
    assert failure.kind == pb.FAILURE_KIND_OVERLOADED
    assert facts == []


async def test_a_call_for_which_it_is_forbidden_is_never_degraded(a_call: ACall, facts: Facts) -> None:
    call = a_call(conditions=Conditions(degrade=False))
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED))
    assert (await failure_of(ask(provider, call, facts))).kind == pb.FAILURE_KIND_OVERLOADED
    assert facts == []


async def test_a_call_that_names_a_provider_and_a_model_is_never_degraded(a_call: ACall, facts: Facts) -> None:
    async def leaf(call: Call) -> Reply:
        raise AssertionError("never asked")

    direct = Routes({}, {"primary": Entrance(leaf, lambda target: Candidate(target=target))}).find("primary/m1")
    call = a_call(route=direct.name, conditions=direct.conditions)
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_UNREACHABLE))
    assert (await failure_of(ask(provider, call, facts))).kind == pb.FAILURE_KIND_UNREACHABLE
    assert facts == []


async def test_after_commit_nothing_stands_in(a_call: ACall, facts: Facts) -> None:
    provider = ScriptedProvider(answers("half", breaks(pb.FAILURE_KIND_CUT_OFF)))
    reply = await ask(provider, a_call(streamed=True, conditions=ALLOWED), facts)
    assert (await anext(reply)).started.source == pb.SOURCE_MODEL
    assert (await failure_of(kinds_of(reply))).kind == pb.FAILURE_KIND_CUT_OFF
    assert facts == []
    provider.assert_done()


async def test_a_unary_answer_that_breaks_half_way_has_shown_nothing_and_is_stood_in_for(
    a_call: ACall, facts: Facts
) -> None:
    provider = ScriptedProvider(answers("half", breaks(pb.FAILURE_KIND_CUT_OFF)))
    assert await text_of(await ask(provider, a_call(conditions=ALLOWED), facts)) == "Default."
    provider.assert_done()


async def test_a_good_answer_is_left_alone(a_call: ACall, facts: Facts) -> None:
    reply = await ask(ScriptedProvider(answers("model's")), a_call(text="price", conditions=ALLOWED), facts)
    assert await text_of(reply) == "model's"
    assert facts == []


async def test_a_rule_answers_at_once_when_the_callers_time_is_over(a_call: ACall, now: Clock, facts: Facts) -> None:
    handler = stack(
        Degrade(rules=RULES, observe=facts.observe),
        TimeLimit(now=now),
        Commit(),
        leaf=ScriptedProvider(answers(hangs())),
    )
    reply = await handler(a_call(seconds=10, conditions=ALLOWED))
    assert now() == pytest.approx(9.5)
    assert await text_of(reply) == "Default."


async def test_leaving_is_not_a_failure_to_stand_in_for(a_call: ACall, facts: Facts) -> None:
    provider = ScriptedProvider(answers(hangs()))
    task = asyncio.create_task(ask(provider, a_call(conditions=ALLOWED), facts))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    provider.assert_done()
    assert facts == []


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        (
            [user("the price"), pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text="好")]), user("and now?")],
            "Default.",
        ),
        ([user("hi"), user("价格"), pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text="well")])], "价格。"),
        ([user("the", "price")], "Prices."),
        ([user("hm pri", "ce")], "Default."),
        ([pb.Message(role=pb.ROLE_SYSTEM, parts=[pb.Part(text="价格")])], "You asked nothing."),
        (
            [pb.Message(role=pb.ROLE_USER, parts=[pb.Part(image=pb.Media(url="https://价格/price"))])],
            "You asked nothing.",
        ),
    ],
    ids=["only the last", "before an assistant", "all parts", "parts are apart", "no user", "no text"],
)
async def test_the_question_is_the_text_of_the_last_user_message(
    messages: list[pb.Message], text: str, a_call: ACall, facts: Facts
) -> None:
    call = a_call(request=asking(*messages), conditions=ALLOWED)
    reply = await ask(ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED)), call, facts)
    assert await text_of(reply) == text


async def test_the_notice_is_in_the_language_of_the_question(a_call: ACall, facts: Facts) -> None:
    call = a_call(text="价格多少？", conditions=ALLOWED)
    reply = await ask(ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED)), call, facts)
    assert (await anext(reply)).started.notice == "自动。"
    await reply.aclose()


async def test_a_rules_answer_folds_into_one_text(a_call: ACall, facts: Facts) -> None:
    fold = Fold()
    async for event in await ask(ScriptedProvider(refuses(pb.FAILURE_KIND_BILLING)), a_call(conditions=ALLOWED), facts):
        fold.add(event)
    assert fold.message() == pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text="Default.")])


async def test_two_degraded_calls_share_no_event(a_call: ACall, facts: Facts) -> None:
    handler = stack(
        Degrade(rules=RULES, observe=facts.observe),
        leaf=ScriptedProvider(*[refuses(pb.FAILURE_KIND_OVERLOADED)] * 2),
    )
    replies = [await handler(a_call(conditions=ALLOWED)) for _ in range(2)]
    first, second = [[event async for event in reply] for reply in replies]
    assert all(one is not other for one, other in zip(first, second, strict=True))


async def test_a_bug_below_is_not_hidden_by_a_rule(a_call: ACall, facts: Facts) -> None:
    async def leaf(call: Call) -> Reply:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError, match="a bug"):
        await stack(Degrade(rules=RULES, observe=facts.observe), leaf=leaf)(a_call(conditions=ALLOWED))


def test_there_are_both_kinds_of_verdicts() -> None:
    assert pb.FAILURE_KIND_OVERLOADED in STAND_IN
    assert {pb.FAILURE_KIND_CANCELLED, pb.FAILURE_KIND_INVALID_REQUEST} <= set(NEVER)
    assert Failure(pb.FAILURE_KIND_OVERLOADED, "").verdict.stand_in
