"""Whatever a provider sends: the cut into reads does not matter, and only a Failure is raised."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from service.providers.openai import OpenAI
from service.providers.wire import Wire
from tests.providers.garbled import anything_of, cuts, nearly, numbers
from tests.providers.openai.chunks import DONE, event
from tests.providers.openai.folding import TAGGED, WIRE, outcome, whole_outcome

often = settings(derandomize=True, max_examples=500, deadline=None)

words = st.sampled_from(["", "a", "b", "stop", "length", "tool_calls", "error", "text", "thinking", "你"])
anything = anything_of(words)
shaped = nearly(anything)


tags = st.sampled_from(["<think>", "</think>", "<thi", "nk>", "</", "think>", "image_url"])
signatures = shaped(google=shaped(thought_signature=words))
kinds = st.sampled_from(["reasoning.text", "reasoning.summary", "reasoning.encrypted", "thinking", ""])
blocks = shaped(type=kinds, text=words, summary=words, data=words, signature=words, index=numbers)
functions = shaped(name=words, arguments=words)
fragments = shaped(index=numbers, id=words, function=functions, custom=functions, type=words, extra_content=signatures)
messages = shaped(
    content=words | tags | st.lists(shaped(type=words | tags, text=words | tags, thinking=words), max_size=2),
    reasoning_content=words,
    reasoning_details=st.lists(blocks, max_size=2),
    extra_content=signatures,
    images=st.lists(shaped(type=words), max_size=2),
    refusal=words,
    tool_calls=st.lists(fragments, max_size=3),
    function_call=functions,
)
details = shaped(cached_tokens=numbers, reasoning_tokens=numbers, cache_write_tokens=numbers)
usages = shaped(
    prompt_tokens=numbers,
    completion_tokens=numbers,
    total_tokens=numbers,
    prompt_tokens_details=details,
    completion_tokens_details=details,
)
errors = shaped(message=words, code=words | numbers, type=words, metadata=shaped(raw=words), details=st.lists(anything))
choices = shaped(index=st.just(0), delta=messages, message=messages, finish_reason=words, error=st.none(), usage=usages)
chunks = shaped(
    choices=st.lists(choices, min_size=1, max_size=2),
    usage=usages,
    x_groq=shaped(usage=usages),
    error=st.none() | errors,
)
said_well = st.fixed_dictionaries(
    {"choices": st.lists(st.fixed_dictionaries({"delta": messages, "finish_reason": st.none() | words}), min_size=1)}
)
garbage = st.sampled_from([b"data: {\n\n", b": ping\n\n", b"\r\n", b"error: x\n\n", b"event: error\n", b"<html>"])
streams = st.lists(
    st.one_of(said_well.map(event), said_well.map(event), chunks.map(event), garbage, st.just(DONE)),
    max_size=8,
).map(b"".join)


@settings(often, max_examples=300)
@given(streams, st.lists(st.integers(0, 5000), max_size=10), st.sampled_from([WIRE, TAGGED]))
def test_any_cut_of_any_stream_comes_to_the_same(body: bytes, places: list[int], wire: Wire) -> None:
    whole = outcome([body], wire)
    assert outcome(cuts(body, places), wire) == whole
    assert outcome((bytes([byte]) for byte in body), wire) == whole


@often
@given(shaped(choices=st.lists(choices, min_size=1, max_size=2), usage=usages, error=st.none() | errors))
def test_any_json_is_an_answer_or_a_failure(answer: Any) -> None:
    assert whole_outcome(orjson.dumps(answer))


@often
@given(
    st.integers(0, 999),
    shaped(error=errors, detail=anything, message=words, request_id=words, id=words).map(orjson.dumps) | st.binary(),
    st.dictionaries(
        st.sampled_from(["Retry-After", "retry-after-ms", "Date", "x-request-id"]),
        st.text(max_size=12) | st.sampled_from(["1", "1 Jan 2026 00:00:00 +9999", "Mon, 1 Jan 1 0:0:0 -0000"]),
    ),
)
def test_any_error_answer_is_a_failure(status: int, body: bytes, headers: dict[str, str]) -> None:
    failure = OpenAI().failure(status, headers, body)
    assert failure.detail
    assert failure.retry_after is None or failure.retry_after > 0
