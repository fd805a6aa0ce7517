"""Whatever a provider sends: the cut into reads does not matter, and only a Failure is raised."""

from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.recordings import load, paths
from tests.providers.gemini.chunks import array, event
from tests.providers.gemini.folding import WIRE, outcome, whole_outcome

often = settings(derandomize=True, max_examples=400, deadline=None)

words = st.sampled_from(["", "a", "b", "STOP", "MAX_TOKENS", "OTHER", "SAFETY", "$.a", "$.a[0]", "$['b']", "你", '"]}'])
numbers = st.sampled_from([-1, 0, 1, 2, 2**31, 2**63, 2**64 - 1, 1.5, 1e300])
anything = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


def shaped(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An object that has any of the fields, mostly as it should; now and then something else altogether."""
    usual = st.fixed_dictionaries({}, optional={name: value | anything for name, value in fields.items()})
    return usual | usual | usual | anything


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


def cuts(body: bytes, places: list[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(ends)]


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


@pytest.fixture(scope="module")
def bodies() -> list[tuple[bytes, bool]]:
    """Recorded bodies of a size that can be tried often, each with whether it was streamed."""
    found = [(load(path)["response"]["body"].encode(), "-stream-" in path.name) for path in paths("gemini")]
    return [(body, streamed) for body, streamed in found if len(body) < 20_000]


@often
@given(
    st.integers(0, 9999),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 9), st.binary(max_size=6)), max_size=5),
    st.none() | st.integers(0, 20_000),
)
def test_a_damaged_recording_raises_nothing_but_a_failure(
    bodies: list[tuple[bytes, bool]], which: int, damages: list[tuple[int, int, bytes]], end: int | None
) -> None:
    if not bodies:
        pytest.skip("no recordings: set RECORDINGS to their folder")
    body, is_stream = bodies[which % len(bodies)]
    for place, length, instead in damages:
        place %= len(body) + 1
        body = body[:place] + instead + body[place + length :]
    body = body[:end]
    if is_stream:
        assert outcome([body]) == outcome(cuts(body, [place for place, _, _ in damages]))
    else:
        assert whole_outcome(body)
