"""Whatever a provider sends: the cut into reads does not matter, and only a Failure is raised. Whatever a caller asks:
what goes out keeps the rules of the protocol, or is refused."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.anthropic.dialect import Thinking
from service.providers.wire import Wire
from tests.providers.anthropic.encoding import message, result, state, wire
from tests.providers.anthropic.events import STOP, event
from tests.providers.anthropic.folding import UNSIGNED, WIRE, outcome, whole_outcome
from tests.providers.garbled import anything_of, cuts, nearly, numbers

often = settings(derandomize=True, max_examples=500, deadline=None)

words = st.sampled_from(["", "a", "b", "end_turn", "max_tokens", "tool_use", "error", "text", "thinking", "{}", "你"])
anything = anything_of(words)
shaped = nearly(anything)


indexes = st.integers(0, 2)
kinds = st.sampled_from(["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "new", ""])
deltas = st.sampled_from(
    ["text_delta", "thinking_delta", "signature_delta", "input_json_delta", "citations_delta", "new_delta"]
)
blocks = shaped(
    type=kinds, text=words, thinking=words, signature=words, data=words, id=words, name=words, input=anything
)
usages = shaped(
    input_tokens=numbers,
    output_tokens=numbers,
    cache_read_input_tokens=numbers,
    cache_creation_input_tokens=numbers,
    output_tokens_details=shaped(thinking_tokens=numbers),
)
errors = shaped(type=words, message=words, details=shaped(error_code=words))
pieces = shaped(
    type=deltas, text=words, thinking=words, signature=words, partial_json=words, citation=anything, content=words
)
good = st.one_of(
    st.fixed_dictionaries({"type": st.just("content_block_start"), "index": indexes, "content_block": blocks}),
    st.fixed_dictionaries({"type": st.just("content_block_delta"), "index": indexes, "delta": pieces}),
    st.fixed_dictionaries({"type": st.just("content_block_stop"), "index": indexes}),
    st.fixed_dictionaries({"type": st.just("message_delta"), "delta": shaped(stop_reason=words), "usage": usages}),
)
strange = shaped(
    type=words, index=numbers, delta=pieces, content_block=blocks, message=shaped(usage=usages), error=errors
)
garbage = st.sampled_from([b"data: {\n\n", b": ping\n\n", b"\r\n", b"error: x\n\n", b"event: error\n", b"<html>", STOP])


def as_event(said: Any) -> bytes:
    return event(said) if isinstance(said, dict) else b"data: " + orjson.dumps(said) + b"\n\n"


streams = st.lists(st.one_of(good.map(as_event), good.map(as_event), strange.map(as_event), garbage), max_size=9).map(
    b"".join
)


@settings(often, max_examples=300)
@given(streams, st.lists(st.integers(0, 5000), max_size=10), st.sampled_from([WIRE, UNSIGNED]))
def test_any_cut_of_any_stream_comes_to_the_same(body: bytes, places: list[int], wire: Wire) -> None:
    whole = outcome([body], wire)
    assert outcome(cuts(body, places), wire) == whole
    assert outcome((bytes([byte]) for byte in body), wire) == whole


@often
@given(shaped(type=words, content=st.lists(blocks, max_size=3), stop_reason=words, usage=usages, error=errors))
def test_any_json_is_an_answer_or_a_failure(answer: Any) -> None:
    assert whole_outcome(orjson.dumps(answer))


@often
@given(st.integers(0, 999), shaped(type=words, error=errors, request_id=words).map(orjson.dumps) | st.binary())
def test_any_error_answer_is_a_failure(status: int, body: bytes) -> None:
    assert WIRE.failure(status, {}, body).detail


ids = st.sampled_from(["t1", "t2", "functions.f:0", "", "你"])
spoken = st.sampled_from(["", " ", "a", "b\n"]).map(lambda text: pb.Part(text=text))
called = st.builds(
    lambda id, arguments: pb.Part(tool_call=pb.ToolCall(id=id, name="f", arguments_json=arguments)),
    ids,
    st.sampled_from(["", "{}", '{"a":1}', "[1]", "{"]),
)
thought = st.sampled_from([state(signature="Eq="), state(data="x"), state("other", signature="Eq="), None]).map(
    lambda own: pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=own)
)
turns = st.one_of(
    st.lists(spoken, max_size=2).map(lambda parts: message(pb.ROLE_USER, *parts)),
    st.lists(spoken, max_size=2).map(lambda parts: message(pb.ROLE_SYSTEM, *parts)),
    st.lists(spoken | called | thought, max_size=3).map(lambda parts: message(pb.ROLE_ASSISTANT, *parts)),
    st.lists(ids.map(result), max_size=3).map(lambda parts: message(pb.ROLE_TOOL, *parts)),
)
styles = st.sampled_from(
    [
        {},
        {"prefill": False, "always_thinks": True, "thinking": Thinking.ADAPTIVE, "efforts": ("low", "max")},
        {"thinking": Thinking.BUDGET, "max_tokens": 5000, "max_tokens_most": 8000},
    ]
)
amounts = st.sampled_from(
    [
        pb.ReasoningOptions(),
        pb.ReasoningOptions(effort=pb.REASONING_EFFORT_HIGH),
        *(pb.ReasoningOptions(budget_tokens=tokens) for tokens in (0, 1, 1024, 7000, 90_000)),
    ]
)


@often
@given(st.lists(turns, min_size=1, max_size=7), styles, amounts, st.none() | st.sampled_from([1, 1024, 1025, 9000]))
def test_whatever_is_asked_keeps_the_rules_of_the_protocol(
    messages: list[pb.Message], knobs: dict[str, Any], amount: pb.ReasoningOptions, limit: int | None
) -> None:
    asked = pb.ChatRequest(messages=messages, reasoning=amount, max_output_tokens=limit, tools=[pb.Tool(name="f")])
    body = _encoded(asked, knobs)
    if isinstance(body, Failure):
        assert (body.reason, body.detail.partition(": ")[2][:24]) in (
            ("UNSUPPORTED", "the conversation may not"),
            ("INVALID_REQUEST", "wants a result in a tool"),
        )
        return
    said = body["messages"]
    assert [turn["role"] for turn in said] == ["user", "assistant"] * (len(said) // 2) + ["user"] * (len(said) % 2)
    assert all(turn["content"] for turn in said)
    _check_blocks(said)
    thinking = body.get("thinking", {})
    if thinking.get("type") == "enabled":
        assert 1024 <= thinking["budget_tokens"] < body["max_tokens"]
    assert limit is None or body["max_tokens"] <= limit


def _encoded(asked: pb.ChatRequest, knobs: dict[str, Any]) -> Any:
    """The body, or how it is refused."""
    try:
        return orjson.loads(wire(**knobs).encode(asked, "m", stream=False).body)
    except Failure as failure:
        return failure


def _check_blocks(said: list[dict[str, Any]]) -> None:
    """No blank text, no name of a call twice, and each call answered in the turn behind it, before all else."""
    calls: list[str] = []
    for turn, after in zip(said, [*said[1:], {"content": ""}], strict=True):
        blocks = _blocks(turn)
        assert all(block["text"].strip() for block in blocks if block["type"] == "text")
        here = [block["id"] for block in blocks if block["type"] == "tool_use"]
        calls += here
        answers = [block.get("tool_use_id") for block in _blocks(after)]
        answered = answers[: len([answer for answer in answers if answer])]
        assert answered == here
    assert len(calls) == len(set(calls))
    assert all((id and id.isascii() and id.replace("-", "_").isidentifier()) or id[0].isdigit() for id in calls)


def _blocks(turn: dict[str, Any]) -> list[dict[str, Any]]:
    content = turn["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) and content else list(content)
