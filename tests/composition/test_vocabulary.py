"""Exact counts: what providers counted, and that cutting a text changes nothing."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.composition.vocabulary import MOST_CHARACTERS, PIECE, counted, loaded, pieces
from service.policies.tokens import of_request
from service.providers.catalog import ROWS
from tests.kit.recordings import load, paths
from tests.providers.openai.requests_of import Unsayable, asked

COUNT = loaded("o200k")
assert COUNT is not None, "the extra exact-tokens belongs to the development environment"
GPT = ROWS["openai"].vocabulary("gpt-4.1")
assert GPT is not None
OTHERWISE_ASKED = {"prediction", "web_search_options", "moderation", "modalities", "functions", "tools"}
"""What of a recorded request changes what is counted."""
ALPHABET = [*"aZé1½ \n\t/!'_-主。़🙂", "  ", "\n\n", "\r\n", "word", "'s", "Über", "123"]


def recorded() -> list[tuple[str, int, int | None]]:
    """The model, what was counted, and what we count, of recorded questions to OpenAI."""
    found = []
    for recording in map(load, paths("openai")):
        body, usage = recording["request"]["body"] or {}, recording["expected"].get("usage") or {}
        vocabulary = ROWS["openai"].vocabulary(recording["model"] or "")
        if recording["provider"] != "openai" or vocabulary is None or not usage.get("prompt"):
            continue
        if "messages" not in body or OTHERWISE_ASKED & body.keys():
            continue
        try:
            request = asked(body, "openai").request
        except Unsayable:
            continue
        assert COUNT is not None
        found.append((recording["model"], usage["prompt"], counted(request, vocabulary, COUNT)))
    return found


def test_plain_questions_are_counted_as_their_provider_counted_them() -> None:
    ours = [(right, count) for _, right, count in recorded() if count is not None]
    if not paths("openai"):
        pytest.skip("no recordings: set RECORDINGS to where they are")
    assert len(ours) >= 7
    assert [count for _, count in ours] == [right for right, _ in ours]


def asking(*messages: pb.Message, **fields: object) -> pb.ChatRequest:
    return pb.ChatRequest(messages=messages, **fields)  # type: ignore[arg-type]


def text(words: str) -> pb.Message:
    return pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text=words)])


@pytest.mark.parametrize(
    "request_",
    [
        asking(text("hi"), tools=[pb.Tool(name="f")]),
        asking(text("hi"), response_format=pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="s"))),
        asking(pb.Message(name="bob", parts=[pb.Part(text="hi")])),
        asking(pb.Message(parts=[pb.Part(text="hi"), pb.Part(text="there")])),
        asking(pb.Message(parts=[pb.Part(image=pb.Media(url="https://x"))])),
        asking(text("a" * (MOST_CHARACTERS + 1))),
    ],
    ids=["tools", "schema", "name", "parts", "picture", "length"],
)
def test_what_a_provider_adds_to_is_not_counted_exactly(request_: pb.ChatRequest) -> None:
    assert GPT is not None
    assert COUNT is not None
    assert counted(request_, GPT, COUNT) is None


def test_words_that_are_commands_elsewhere_are_plain_text() -> None:
    assert COUNT is not None
    assert COUNT("<|endoftext|>") > 1


@given(st.lists(st.sampled_from(ALPHABET), min_size=1, max_size=200))
def test_a_long_text_is_counted_in_pieces_as_in_one(words: list[str]) -> None:
    assert COUNT is not None
    whole = "".join(words)
    whole *= 3 * PIECE // len(whole)
    parts = list(pieces(whole))
    assert "".join(parts) == whole
    assert sum(map(COUNT, parts)) == COUNT(whole)


def test_a_text_that_cannot_be_cut_is_estimated() -> None:
    assert GPT is not None
    assert COUNT is not None
    assert [len(piece) for piece in pieces("-" * 3 * PIECE)] == [3 * PIECE]
    assert counted(asking(text("-" * 3 * PIECE)), GPT, COUNT) is None


def test_a_text_is_cut_near_the_bound() -> None:
    lengths = [len(piece) for piece in pieces("The mast stands.\n" * 10_000)]
    assert max(lengths) <= PIECE
    assert min(lengths[:-1]) > PIECE * 0.9


def test_the_longest_text_takes_less_than_a_second() -> None:
    assert GPT is not None
    assert COUNT is not None
    words = "The mast stands.\n" * (MOST_CHARACTERS // 17)
    began = time.process_time()
    exact = counted(asking(text(words)), GPT, COUNT)
    assert time.process_time() - began < 1
    assert exact == pytest.approx(of_request(asking(text(words))), rel=0.2)


def test_a_vocabulary_that_nobody_has_is_not_there() -> None:
    assert loaded("of-tomorrow") is None
