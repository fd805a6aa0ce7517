"""A target that cannot do what a call needs is skipped with its reason, and nothing is sent to it."""

import pytest

from mainstay import ChatClient, InvalidRequest, Reason, user
from mainstay import v1 as pb
from tests.kit.service import Control, client_of

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
PICTURE = user("What is this?", pb.Part(image=pb.Media(data=PNG, media_type="image/png")))
MODELS = {"blind": {"images": False}, "small": {"context_tokens": 1000}}


async def test_a_picture_goes_past_a_model_that_reads_texts_only(simulator: str) -> None:
    route = {"targets": ["simulator/blind", "simulator/chat"]}
    async with client_of(simulator, models=MODELS, route=route) as client:
        response = await client.chat(PICTURE)
    skipped, answered = response.provenance.attempts
    assert (skipped.model, skipped.outcome, skipped.failure, skipped.detail) == (
        "blind",
        pb.ATTEMPT_OUTCOME_SKIPPED,
        pb.FAILURE_KIND_UNSUPPORTED,
        "images: simulator/blind reads none",
    )
    assert (answered.model, answered.outcome) == ("chat", pb.ATTEMPT_OUTCOME_ANSWERED)
    assert [asked["model"] for asked in (await Control(simulator).seen())["requests"]] == ["chat"]


async def test_a_text_goes_to_the_first_model_all_the_same(simulator: str) -> None:
    route = {"targets": ["simulator/blind", "simulator/chat"]}
    async with client_of(simulator, models=MODELS, route=route) as client:
        response = await client.chat("hello")
    assert [attempt.model for attempt in response.provenance.attempts] == ["blind"]


async def failure_of(client: ChatClient, question: str | pb.Message, model: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        await client.chat(question, model=model)
    return caught.value


@pytest.mark.parametrize("model", ["default", "simulator/blind"])
async def test_if_nobody_reads_pictures_the_call_fails_at_once_and_says_so(simulator: str, model: str) -> None:
    async with client_of(simulator, models=MODELS, route={"targets": ["simulator/blind"]}) as client:
        failure = await failure_of(client, PICTURE, model)
    assert (failure.code.name, failure.reason) == ("FAILED_PRECONDITION", Reason.UNSUPPORTED)
    assert "images: simulator/blind reads none" in failure.message
    assert failure.call_failure is not None
    (skipped,) = failure.call_failure.provenance.attempts
    assert skipped.outcome == pb.ATTEMPT_OUTCOME_SKIPPED
    assert (await Control(simulator).seen())["requests"] == []


@pytest.mark.parametrize("model", ["default", "simulator/small"])
async def test_a_question_far_above_the_window_is_not_sent(simulator: str, model: str) -> None:
    async with client_of(simulator, models=MODELS, route={"targets": ["simulator/small"]}) as client:
        failure = await failure_of(client, "mast " * 5000, model)
    assert failure.reason == Reason.CONTEXT_TOO_LONG
    assert (await Control(simulator).seen())["requests"] == []
