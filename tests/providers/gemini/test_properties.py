"""Whatever a provider sends: the cut into reads does not matter, and only a Failure is raised."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.providers.garbled import anything_of, cuts, nearly, numbers
from tests.providers.gemini.chunks import array, event
from tests.providers.gemini.folding import WIRE, outcome, whole_outcome

often = settings(derandomize=True, max_examples=400, deadline=None)

words = st.sampled_from(["", "a", "b", "STOP", "MAX_TOKENS", "OTHER", "SAFETY", "$.a", "$.a[0]", "$['b']", "你", '"]}'])
anything = anything_of(words)
shaped = nearly(anything)


fragments = shaped(jsonPath=words, stringValue=words, numberValue=numbers, boolValue=st.booleans())
functions = shaped(
    name=words,
    id=words,
    args=st.dictionaries(words, words, max_size=2),
    willContinue=st.booleans(),
    partialArgs=st.lists(fragments, max_size=3),
)
parts = shaped(
    text=words,
    thought=st.booleans(),
    thoughtSignature=words,
    functionCall=functions,
    executableCode=shaped(code=words),
)
said_well = st.fixed_dictionaries({"text": words}, optional={"thought": st.just(True), "thoughtSignature": words})
contents = shaped(parts=st.lists(parts | said_well, max_size=3), role=words)
candidates = shaped(content=contents, finishReason=words | numbers, finishMessage=words, index=st.just(0))
usages = shaped(promptTokenCount=numbers, candidatesTokenCount=numbers, thoughtsTokenCount=numbers)
errors = shaped(message=words, code=words | numbers, status=words, details=st.lists(anything))
chunks = shaped(
    candidates=st.lists(candidates, min_size=1, max_size=2),
    usageMetadata=usages,
    promptFeedback=shaped(blockReason=words, blockReasonMessage=words),
    responseId=words,
    error=st.none() | errors,
)
answers = st.fixed_dictionaries(
    {"candidates": st.lists(candidates, min_size=1, max_size=1)},
    optional={"usageMetadata": usages, "responseId": words},
)
garbage = st.sampled_from([b"data: {\n\n", b": ping\n\n", b"\r\n", b"{}", b"event: error\n", b"<html>", b"[", b"]"])
streams = st.one_of(
    st.lists(st.one_of(answers.map(event), answers.map(event), chunks.map(event), garbage), max_size=8).map(b"".join),
    st.lists(st.one_of(answers, chunks), max_size=6).map(lambda items: array(*items)),
    st.tuples(st.lists(answers, max_size=4).map(lambda items: array(*items)), garbage).map(b"".join),
)


@often
@given(streams, st.lists(st.integers(0, 5000), max_size=10))
def test_any_cut_of_any_stream_comes_to_the_same(body: bytes, places: list[int]) -> None:
    whole = outcome([body])
    assert outcome(cuts(body, places)) == whole
    assert outcome(bytes([byte]) for byte in body) == whole


@often
@given(st.lists(answers, min_size=1, max_size=4))
def test_a_stream_says_the_same_with_and_without_events(said: list[Any]) -> None:
    assert outcome([array(*said)]) == outcome([b"".join(map(event, said))])


@often
@given(answers | chunks)
def test_any_json_is_an_answer_or_a_failure(answer: Any) -> None:
    assert whole_outcome(orjson.dumps(answer))


@often
@given(st.integers(0, 999), shaped(error=errors).map(orjson.dumps) | st.lists(errors).map(orjson.dumps) | st.binary())
def test_any_error_answer_is_a_failure(status: int, body: bytes) -> None:
    failure = WIRE.failure(status, {}, body)
    assert failure.detail
    assert failure.retry_after is None or failure.retry_after > 0
