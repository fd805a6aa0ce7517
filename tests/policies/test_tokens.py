"""How far the estimate is from what providers counted, and that it has a bound in time."""

import time
from itertools import pairwise
from statistics import median

import pytest

from mainstay import v1 as pb
from service.policies import tokens
from service.policies.tokens import DEEPSEEK, O200K, PIECE, PIECES, QWEN, estimate, of_bytes, of_request, weights_of
from tests.kit.recordings import load, paths
from tests.providers.openai.requests_of import Unsayable, asked

HONEST = ("openai", "azure", "deepseek", "mistral")
"""Vendors that count what they were asked and, without tools, nothing of their own beside it."""
ENGLISH = "The mainstay keeps the mast up when the weather turns, whatever happens to any one rope.\n"
CHINESE = "主桅支索在风暴来临时支撑着桅杆，无论哪一根绳索断裂都不会倒下。\n"


def counted() -> list[tuple[int, int]]:
    """What was estimated and what was counted, of recorded questions in text alone."""
    found = []
    for recorded in map(load, paths("openai")):
        body, usage = recorded["request"]["body"], recorded["expected"].get("usage") or {}
        if recorded["provider"] not in HONEST or not body or not usage.get("prompt") or usage["prompt"] > 20_000:
            continue
        if {"tools", "functions"} & body.keys() or "messages" not in body:
            continue
        try:
            request = asked(body, recorded["provider"]).request
        except Unsayable:
            continue
        said = of_request(request, weights_of(recorded["model"] or ""))
        if said is not None:
            found.append((said, usage["prompt"]))
    return found


def test_questions_that_providers_counted_are_estimated_within_what_short_texts_allow() -> None:
    found = counted()
    if not found:
        pytest.skip("no recordings: set RECORDINGS to where they are")
    errors = [abs(said - right) / right for said, right in found]
    assert len(found) >= 30
    assert median(errors) <= 0.18
    assert sum(error <= 0.5 for error in errors) >= 0.9 * len(errors)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("", 0.0),
        ("好" * 1000, 806),
        ("mast " * 1000, 907),
        ("mainstay " * 400, round(400 * (0.907 + 2 * 0.183))),
        ("7 " * 1000, 547),
        ("; " * 1000, 681),
        ("\n" * 1000, 811),
        (" " * 1000, 0),
        ("-" * 1000, 2 * 0.681),
        ("-----\n" * 100, 500 * 0.681 + 100 * 0.811),
        ("| -------- | ======== |\n" * 100, 100 * (7 * 0.681 + 0.811)),
        ("好 mainstay 7;\n" * 100, round(100 * (0.806 + 0.907 + 2 * 0.183 + 0.547 + 0.681 + 0.811))),
    ],
)
def test_every_feature_has_its_weight(text: str, right: float) -> None:
    assert estimate(text) == round(right)


@pytest.mark.parametrize(
    ("model", "weights"),
    [("deepseek-flash", DEEPSEEK), ("Qwen/Qwen3.8-27B", QWEN), ("gpt-6-luna", O200K), ("glm-5.3", O200K)],
)
def test_a_models_name_tells_its_family(model: str, weights: tokens.Weights) -> None:
    assert weights_of(model) == weights


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, ENGLISH + CHINESE])
def test_of_a_long_text_pieces_stand_for_the_whole(text: str) -> None:
    times = 20 * PIECES * PIECE // len(text)
    assert estimate(text * times) == pytest.approx(estimate(text) * times, rel=0.1)


def test_the_longest_question_takes_a_few_milliseconds() -> None:
    text = "a1 ,。好\n" * 4_000_000
    began = time.process_time()
    estimate(text)
    assert time.process_time() - began < 0.05


def test_all_that_is_asked_counts() -> None:
    request = pb.ChatRequest()
    seen = [of_request(request)]
    message = request.messages.add(role=pb.ROLE_USER)
    message.parts.add(text=ENGLISH)
    seen.append(of_request(request))
    message.parts.add().reasoning.text = ENGLISH
    seen.append(of_request(request))
    message.parts.add(tool_call=pb.ToolCall(name="f", arguments_json=ENGLISH))
    seen.append(of_request(request))
    message.parts.add(tool_result=pb.ToolResult(text=ENGLISH))
    seen.append(of_request(request))
    message.parts.add(provider_block=pb.ProviderBlock(json=ENGLISH))
    seen.append(of_request(request))
    request.tools.add(name="f", description=ENGLISH, parameters_json=ENGLISH)
    seen.append(of_request(request))
    request.response_format.json_schema.schema_json = ENGLISH
    seen.append(of_request(request))
    counts = [count for count in seen if count is not None]
    assert len(counts) == len(seen)
    assert all(later - earlier >= estimate(ENGLISH) - 1 for earlier, later in pairwise(counts))


@pytest.mark.parametrize(
    "part",
    [
        pb.Part(image=pb.Media(url="https://x")),
        pb.Part(file=pb.Media(data=b"x")),
        pb.Part(tool_result=pb.ToolResult(images=[pb.Media(url="https://x")])),
    ],
)
def test_a_question_with_pictures_or_files_is_not_guessed(part: pb.Part) -> None:
    assert of_request(pb.ChatRequest(messages=[pb.Message(parts=[pb.Part(text="a"), part])])) is None


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_the_bytes_of_an_answer_tell_about_as_much_as_its_text(text: str) -> None:
    assert of_bytes(len(text.encode())) == pytest.approx(estimate(text), rel=0.2)
