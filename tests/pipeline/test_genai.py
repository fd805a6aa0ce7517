"""What the conventions for generative AI want of an attempt, and nothing of what was asked."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.pipeline import genai

ACall = Callable[..., Call]


def test_only_what_was_set_is_told(a_call: ACall) -> None:
    row = pb.Attempt(number=2, provider="xai", model="grok", cause=pb.ATTEMPT_CAUSE_RETRY)
    assert genai.asked(a_call(), row) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "x_ai",
        "gen_ai.request.model": "grok",
        "mainstay.provider": "xai",
        "mainstay.attempt.number": 2,
        "mainstay.attempt.cause": "retry",
    }


def test_parameters_that_were_set_are_told_zeros_included(a_call: ACall) -> None:
    request = pb.ChatRequest(
        temperature=0,
        top_p=0.5,
        top_k=4,
        max_output_tokens=9,
        seed=0,
        stop=["END"],
        presence_penalty=1,
        frequency_penalty=-1,
        response_format=pb.ResponseFormat(json_object=pb.JsonObjectFormat()),
        messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="canary")])],
        end_user="canary",
        labels={"canary": "canary"},
    )
    told = genai.asked(replace(a_call(streamed=True), request=request), pb.Attempt(provider="mine"))
    assert {key.removeprefix("gen_ai.request."): value for key, value in told.items() if ".request." in key} == {
        "model": "",
        "stream": True,
        "temperature": 0,
        "top_p": 0.5,
        "top_k": 4,
        "max_tokens": 9,
        "seed": 0,
        "stop_sequences": ["END"],
        "presence_penalty": 1,
        "frequency_penalty": -1,
    }
    assert (told["gen_ai.output.type"], told["gen_ai.provider.name"]) == ("json", "mine")
    assert "canary" not in str(told)


def test_tokens_are_told_with_their_parts_where_those_are_known() -> None:
    usage = pb.Usage(input_tokens=9, output_tokens=5, cached_input_tokens=0, cache_write_tokens=2, reasoning_tokens=3)
    row = pb.Attempt(outcome=pb.ATTEMPT_OUTCOME_ANSWERED, provider_request_id="req-1", usage=usage)
    assert genai.came_of_it(row) == {
        "mainstay.attempt.outcome": "answered",
        "mainstay.provider.request_id": "req-1",
        "gen_ai.usage.input_tokens": 9,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.cache_read.input_tokens": 0,
        "gen_ai.usage.cache_write.input_tokens": 2,
        "gen_ai.usage.reasoning.output_tokens": 3,
    }
    assert genai.came_of_it(pb.Attempt(outcome=pb.ATTEMPT_OUTCOME_ABANDONED)) == {
        "mainstay.attempt.outcome": "abandoned"
    }


@pytest.mark.parametrize(("said", "told"), [("end_turn", "end_turn"), ("", "stop")])
def test_the_providers_word_for_the_end_goes_before_ours(said: str, told: str) -> None:
    response = pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP, provider_finish_reason=said)
    assert genai.finish(response) == [told]
