"""What a call cost comes back with its answer or its failure, and a model that will soon be gone is told of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from tests.kit.service import client_of

PRICES = {"input": "2", "output": "10"}
IN, OUT = 2000, 10_000
"""Nanodollars for a token."""


def priced(**more: Any) -> dict[str, Any]:
    return {"prices": PRICES, **more}


END_THERE = pb.CallPolicy(recovery=pb.RECOVERY_FAIL)


async def failure_of(client: ChatClient, model: str, *, streamed: bool) -> MainstayError:
    with pytest.raises(MainstayError) as caught:
        if not streamed:
            await client.chat("hello", model=model)
        else:
            async with client.stream("hello", model=model, policy=END_THERE) as stream:
                async for _ in stream:
                    pass
    return caught.value


@pytest.mark.parametrize("model", ["default", "simulator/chat", "simulator/anything"])
async def test_an_answer_says_what_it_cost_whoever_named_the_model(simulator: str, model: str) -> None:
    async with client_of(simulator, **priced()) as client:
        response = await client.chat("hello", model=model)
    (attempt,) = response.provenance.attempts
    right = response.usage.input_tokens * IN + response.usage.output_tokens * OUT
    assert right > 0
    assert attempt.cost_nano_usd == response.provenance.cost_nano_usd == right


async def test_without_a_price_the_cost_is_unset(simulator: str) -> None:
    async with client_of(simulator) as client:
        response = await client.chat("hello")
    assert not response.provenance.HasField("cost_nano_usd")
    assert not response.provenance.attempts[0].HasField("cost_nano_usd")


async def test_a_stream_that_breaks_costs_what_was_heard_of_it_estimated(simulator: str) -> None:
    async with client_of(simulator, **priced()) as client:
        failure = await failure_of(client, "simulator/chat+tokens(300)+cut(200)", streamed=True)
    assert failure.call_failure is not None
    provenance = failure.call_failure.provenance
    (attempt,) = provenance.attempts
    assert attempt.usage.estimated
    assert 100 <= attempt.usage.output_tokens <= 400  # of 200
    right = attempt.usage.input_tokens * IN + attempt.usage.output_tokens * OUT
    assert attempt.cost_nano_usd == provenance.cost_nano_usd == right


async def test_a_provider_that_turns_a_call_away_costs_nothing(simulator: str) -> None:
    async with client_of(simulator, **priced()) as client:
        failure = await failure_of(client, "simulator/chat+status(400)", streamed=False)
    assert failure.call_failure is not None
    assert failure.call_failure.provenance.HasField("cost_nano_usd")
    assert failure.call_failure.provenance.cost_nano_usd == 0


async def test_what_is_answered_from_the_cache_costs_nothing(simulator: str) -> None:
    async with client_of(simulator, route={"cache": {"use": True}}, **priced()) as client:
        first = await client.chat("hello")
        again = await client.chat("hello")
    assert first.provenance.cost_nano_usd > 0
    assert again.source == pb.SOURCE_CACHE
    assert again.provenance.HasField("cost_nano_usd")
    assert again.provenance.cost_nano_usd == 0


async def test_a_model_that_retires_within_thirty_days_is_told_of_in_the_notice(simulator: str) -> None:
    last_day = datetime.now(UTC).date() + timedelta(days=20)
    models = {"chat": {"retires": str(last_day)}, "other": {"retires": str(last_day + timedelta(days=60))}}
    async with client_of(simulator, models=models) as client:
        response = await client.chat("hello")
        async with client.stream("hello") as stream:
            started = [event.started.notice async for event in stream if event.HasField("started")]
        other = await client.chat("hello", model="simulator/other")
    assert response.notice == f"chat retires: its last day is {last_day}"
    assert started == [response.notice]
    assert other.notice == ""
