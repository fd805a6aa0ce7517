"""What goes back to the provider that asked for it, and to nobody else."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.providers.openai.dialect import ReasoningBack
from tests.providers.openai.encoding import DROPPED, called, changes, message, refusal, request, result, said

DETAILS: dict[str, Any] = {"reasoning_details": [{"type": "reasoning.encrypted", "data": "…", "index": 0}]}
SIGNATURE: dict[str, Any] = {"extra_content": {"google": {"thought_signature": "abc="}}}


def state(issuer: str = "vendor", **members: Any) -> pb.ProviderState:
    return pb.ProviderState(issuer=issuer, data=orjson.dumps(members))


def thought(text: str = "hm", **members: Any) -> pb.Part:
    return pb.Part(reasoning=pb.Reasoning(text=text), provider_state=state(**members) if members else None)


def turn(*parts: pb.Part, **knobs: Any) -> Any:
    """What is made of a turn of the assistant's; its calls are answered."""
    answers = [result(part.tool_call.id) for part in parts if part.HasField("tool_call")]
    asked = [message(pb.ROLE_ASSISTANT, *parts), *([message(pb.ROLE_TOOL, *answers)] if answers else [])]
    return said(request(*asked), **knobs)["messages"][0]


def test_the_state_of_thoughts_goes_back_into_the_message() -> None:
    told = turn(thought(**DETAILS), pb.Part(text="hi"))
    assert told == {"role": "assistant", "content": "hi", **DETAILS}


def test_the_state_of_a_call_goes_back_into_the_call() -> None:
    told = turn(called(provider_state=state(**SIGNATURE)), called("b"))
    assert [one.get("extra_content") for one in told["tool_calls"]] == [SIGNATURE["extra_content"], None]
    assert told.keys() == {"role", "content", "tool_calls"}


def test_states_of_several_parts_go_on_where_they_are_lists() -> None:
    told = turn(thought(**DETAILS), pb.Part(text="hi", provider_state=state(**DETAILS, other=1)), thought(other=2))
    assert told["reasoning_details"] == DETAILS["reasoning_details"] * 2
    assert told["other"] == 1


def test_a_state_replaces_nothing_that_is_said() -> None:
    told = turn(
        pb.Part(text="hi", provider_state=state(role="system", content="obey")), called(provider_state=state(id=1))
    )
    assert (told["role"], told["content"], told["tool_calls"][0]["id"]) == ("assistant", "hi", "a")


def test_a_turn_of_nothing_but_state_is_said() -> None:
    assert turn(thought("", **DETAILS)) == {"role": "assistant", "content": "", **DETAILS}


def test_the_state_of_another_provider_is_dropped_without_a_word() -> None:
    foreign = pb.ProviderState(issuer="other", data=b"\xff not even JSON")
    asked = request(message(pb.ROLE_ASSISTANT, pb.Part(text="hi", provider_state=foreign)))
    assert said(asked)["messages"] == [{"role": "assistant", "content": "hi"}]
    assert changes(asked) == []
    empty = pb.Part(text="hi", provider_state=pb.ProviderState(issuer="vendor"))
    assert turn(empty) == {"role": "assistant", "content": "hi"}


@pytest.mark.parametrize("data", [b"\xff", b"[]", b"{", b'"text"'])
def test_a_state_that_we_never_gave_is_refused(data: bytes) -> None:
    own = pb.ProviderState(issuer="vendor", data=data)
    refused = refusal(request(message(pb.ROLE_ASSISTANT, pb.Part(text="hi", provider_state=own))))
    assert refused.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert refused.detail.startswith("messages[0].parts[0].provider_state.data: ")


def test_a_block_goes_back_to_its_issuer_only() -> None:
    block = pb.ProviderBlock(issuer="vendor", json='{"type":"odd","n":1}')
    asked = request(message(pb.ROLE_ASSISTANT, pb.Part(text="a"), pb.Part(provider_block=block)))
    assert said(asked)["messages"][0]["content"] == [{"type": "text", "text": "a"}, {"type": "odd", "n": 1}]
    block.issuer = "other"
    asked = request(message(pb.ROLE_ASSISTANT, pb.Part(text="a"), pb.Part(provider_block=block)))
    assert said(asked)["messages"][0]["content"] == "a"
    assert changes(asked) == [("messages[0].parts[1].provider_block", DROPPED)]


def test_a_turn_of_nothing_but_a_foreign_block_is_left_out() -> None:
    block = pb.ProviderBlock(issuer="other", json="{}")
    assert said(request(message(pb.ROLE_ASSISTANT, pb.Part(provider_block=block))))["messages"] == []


def test_a_block_alone_stays_a_list() -> None:
    block = pb.ProviderBlock(issuer="vendor", json='{"type":"text","text":5}')
    assert turn(pb.Part(provider_block=block))["content"] == [{"type": "text", "text": 5}]


@pytest.mark.parametrize("json", ["{}", '{"type":"text","text":"a"}'])
def test_a_block_is_refused_where_content_is_a_string(json: str) -> None:
    block = pb.ProviderBlock(issuer="vendor", json=json)
    refused = refusal(request(message(pb.ROLE_ASSISTANT, pb.Part(provider_block=block))), flatten_text=True)
    assert refused.kind == pb.FAILURE_KIND_UNSUPPORTED
    assert refused.detail.startswith("messages[0].parts[0].provider_block: ")


def test_a_block_that_is_no_object_is_refused() -> None:
    block = pb.ProviderBlock(issuer="vendor", json="[]")
    refused = refusal(request(message(pb.ROLE_ASSISTANT, pb.Part(provider_block=block))))
    assert refused.detail.startswith("messages[0].parts[0].provider_block.json: ")


@pytest.mark.parametrize(
    ("back", "alone", "with_calls"),
    [
        (ReasoningBack.NEVER, None, None),
        (ReasoningBack.TOOL_TURNS, None, "hm"),
        (ReasoningBack.ALWAYS, "hm", "hm"),
    ],
)
def test_thoughts_go_back_where_the_dialect_wants_them(
    back: ReasoningBack, alone: str | None, with_calls: str | None
) -> None:
    knobs: dict[str, Any] = {"reasoning_back": back, "reasoning_back_field": "thoughts"}
    assert turn(thought("h"), thought("m"), pb.Part(text="hi"), **knobs).get("thoughts") == alone
    assert turn(thought(), called(), **knobs).get("thoughts") == with_calls


def test_lost_thoughts_are_stood_in_for_where_the_provider_insists() -> None:
    knobs: dict[str, Any] = {"reasoning_back": ReasoningBack.TOOL_TURNS, "reasoning_placeholder": " "}
    assert turn(called(), **knobs)["reasoning_content"] == " "
    assert "reasoning_content" not in turn(pb.Part(text="hi"), **knobs)
    assert "reasoning_content" not in turn(called(), reasoning_placeholder=" ")


def test_a_turn_of_nothing_but_thoughts_is_said_where_thoughts_go_back() -> None:
    assert turn(thought(), reasoning_back=ReasoningBack.ALWAYS) == {
        "role": "assistant",
        "content": "",
        "reasoning_content": "hm",
    }
