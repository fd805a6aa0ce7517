"""What an attempt cost is in its row, as far as it is known."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.ledger import Ledger
from service.chat.reply import Handler, Reply
from service.chat.so_far import SoFar
from service.chat.target import Target
from service.pipeline.billing import Billing, TariffOf
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.commit import Commit
from service.pipeline.stack import stack
from service.policies.cost import BILLED, Rates, Tariff
from service.policies.estimates import Estimates
from service.policies.tokens import of_request
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, answers, breaks, refuses
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
Clock = Callable[[], float]
TARIFF = Tariff(rates=Rates(input=2_000_000, output=10_000_000))


def known(target: Target) -> Tariff:
    return TARIFF


def unknown(target: Target) -> None:
    return None


Ask = Callable[..., Awaitable[pb.Attempt]]


@pytest.fixture
def ask(a_call: ACall, now: Clock, spans: SpanBook) -> Ask:
    """Asks once; what comes back is the row, once everything is over."""

    async def ask(leaf: Handler, tariff_of: TariffOf = known, **fields: object) -> pb.Attempt:
        call = a_call(**fields)
        billing = Billing(tariff_of, lambda: 0.0)
        layer = Attempt(now=now, tracer=spans.tracer, observe=Facts().observe, billing=billing)
        with suppress(Failure):
            await kinds_of(await stack(layer, Commit(), leaf=leaf)(call))
        (row,) = call.ledger
        return row

    return ask


async def test_an_answer_costs_what_its_provider_counted(ask: Ask) -> None:
    row = await ask(ScriptedProvider(answers("a")))
    assert row.cost_nano_usd == 3 * 2000 + 5 * 10_000
    assert not row.usage.estimated


async def test_where_no_price_is_known_the_cost_is_unset(ask: Ask) -> None:
    assert not (await ask(ScriptedProvider(answers("a")), unknown)).HasField("cost_nano_usd")
    lost = await ask(ScriptedProvider(refuses(pb.FAILURE_KIND_TOO_SLOW)), unknown)
    assert not lost.HasField("cost_nano_usd")
    assert not lost.HasField("usage")


@pytest.mark.parametrize("kind", [kind for kind in pb.FailureKind.values() if kind and kind not in BILLED])
@pytest.mark.parametrize("tariff_of", [known, unknown])
async def test_a_request_that_was_turned_away_costs_nothing(
    kind: pb.FailureKind.ValueType, tariff_of: TariffOf, ask: Ask
) -> None:
    row = await ask(ScriptedProvider(refuses(kind)), tariff_of)
    assert row.HasField("cost_nano_usd")
    assert row.cost_nano_usd == 0
    assert not row.HasField("usage")


@pytest.mark.parametrize("kind", sorted(BILLED))
async def test_a_request_that_was_taken_on_and_lost_is_estimated(
    kind: pb.FailureKind.ValueType, ask: Ask, a_call: ACall
) -> None:
    row = await ask(ScriptedProvider(refuses(kind)))
    asked = of_request(a_call().request)
    assert asked
    assert row.usage == pb.Usage(input_tokens=asked, output_tokens=0, estimated=True)
    assert row.cost_nano_usd == asked * 2000


async def test_a_lost_question_is_estimated_by_what_was_learnt_of_its_target(
    a_call: ACall, now: Clock, spans: SpanBook
) -> None:
    call = a_call(text="mast " * 1000)
    asked, estimates = of_request(call.request), Estimates()
    assert asked
    estimates.learn(call.request, call.target, 2 * asked)
    billing = Billing(known, lambda: 0.0, estimates)
    layer = Attempt(now=now, tracer=spans.tracer, observe=Facts().observe, billing=billing)
    await failure_of(stack(layer, leaf=ScriptedProvider(refuses(pb.FAILURE_KIND_TOO_SLOW)))(call))
    (row,) = call.ledger
    assert row.usage.input_tokens == round(1.5 * asked)


async def test_what_was_heard_of_a_broken_answer_counts_whatever_broke_it(ask: Ask) -> None:
    async def leaf(call: Call) -> Reply:
        call.so_far.bytes += 420
        return await provider(call)

    provider = ScriptedProvider(answers("a", breaks(pb.FAILURE_KIND_OVERLOADED)))
    row = await ask(leaf, streamed=True)
    assert row.usage.output_tokens == 100
    assert row.cost_nano_usd == row.usage.input_tokens * 2000 + 100 * 10_000


async def test_an_attempt_that_was_given_up_is_estimated(a_call: ACall, now: Clock, spans: SpanBook) -> None:
    call = a_call(streamed=True)
    billing = Billing(known, lambda: 0.0)
    layer = Attempt(now=now, tracer=spans.tracer, observe=Facts().observe, billing=billing)
    reply = await stack(layer, Commit(), leaf=ScriptedProvider(answers("a", "b")))(call)
    await reply.aclose()
    (row,) = call.ledger
    assert row.outcome == pb.ATTEMPT_OUTCOME_ABANDONED
    assert row.usage.estimated
    assert row.cost_nano_usd > 0


async def test_a_question_that_cannot_be_guessed_leaves_the_cost_unset(ask: Ask) -> None:
    request = pb.ChatRequest(messages=[pb.Message(parts=[pb.Part(image=pb.Media(url="https://x"))])])
    row = await ask(ScriptedProvider(refuses(pb.FAILURE_KIND_TOO_SLOW)), request=request)
    assert not row.HasField("cost_nano_usd")
    assert not row.HasField("usage")


async def test_every_attempt_counts_what_it_heard_itself(a_call: ACall, now: Clock, spans: SpanBook) -> None:
    call = a_call()
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_TOO_SLOW), refuses(pb.FAILURE_KIND_TOO_SLOW))
    heard: list[SoFar] = []

    async def leaf(call: Call) -> Reply:
        heard.append(call.so_far)
        return await provider(call)

    handler = stack(Attempt(now=now, tracer=spans.tracer, observe=Facts().observe), leaf=leaf)
    await failure_of(handler(call))
    await failure_of(handler(call))
    assert heard[0] is not heard[1]


@pytest.mark.parametrize(("costs", "total"), [([], 0), ([5, 7], 12), ([0, None], None)])
def test_the_ledger_adds_up_what_is_known(costs: list[int | None], total: int | None) -> None:
    ledger = Ledger()
    for cost in costs:
        row = ledger.open(Target("p", "m"), pb.ATTEMPT_CAUSE_FIRST, 0.0)
        if cost is not None:
            row.cost_nano_usd = cost
    ledger.skip(Target("p", "m"), pb.FAILURE_KIND_UNSUPPORTED, "cannot")
    assert ledger.cost == total


async def test_spans_have_counted_tokens_only(ask: Ask, spans: SpanBook) -> None:
    await ask(ScriptedProvider(refuses(pb.FAILURE_KIND_TOO_SLOW)))
    assert "gen_ai.usage.input_tokens" not in (spans.named("chat").attributes or {})


async def test_counted_tokens_are_in_the_span(ask: Ask, spans: SpanBook) -> None:
    await ask(ScriptedProvider(answers("a")))
    assert (spans.named("chat").attributes or {})["gen_ai.usage.input_tokens"] == 3
