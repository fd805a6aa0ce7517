"""The body as a whole: where it goes, sampling, thinking, options."""

import pytest

from mainstay import v1 as pb
from service.providers.gemini import Dialect, Thinking
from tests.providers.gemini.encoding import (
    CLAMPED,
    DOWNGRADED,
    DROPPED,
    changes,
    generation,
    refusal,
    request,
    said,
    system,
    user,
    wire,
)

OFF, MINIMAL, LOW, MEDIUM, HIGH, MAX = (
    pb.REASONING_EFFORT_OFF,
    pb.REASONING_EFFORT_MINIMAL,
    pb.REASONING_EFFORT_LOW,
    pb.REASONING_EFFORT_MEDIUM,
    pb.REASONING_EFFORT_HIGH,
    pb.REASONING_EFFORT_MAX,
)


def test_a_plain_question_is_said_plainly() -> None:
    assert said(request()) == {"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
    assert changes(request()) == []


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-3.8-flash", "/models/gemini-3.8-flash"),
        ("models/gemini-3.8-flash", "/models/gemini-3.8-flash"),
        ("tunedModels/mine", "/tunedModels/mine"),
        ("../x?key=1#/y", "/models/..%2Fx%3Fkey%3D1%23%2Fy"),
        ("models/../../a", "/models/..%2F..%2Fa"),
    ],
)
def test_the_path_holds_the_model_and_nothing_that_leads_elsewhere(model: str, path: str) -> None:
    assert wire().encode(request(), model, stream=False).path == f"{path}:generateContent"
    assert wire().encode(request(), model, stream=True).path == f"{path}:streamGenerateContent?alt=sse"
    assert wire(sse=False).encode(request(), model, stream=True).path == f"{path}:streamGenerateContent"


def test_a_stream_is_asked_for_with_the_same_body() -> None:
    asked = request(temperature=0.7)
    assert wire().encode(asked, "m", stream=True).body == wire().encode(asked, "m", stream=False).body


def test_what_steers_the_sampling_is_said() -> None:
    asked = request(
        temperature=0.7, top_p=0.5, top_k=3, seed=-7, presence_penalty=-1.5, frequency_penalty=1,
        max_output_tokens=9, stop=["a", " "],
    )  # fmt: skip
    assert generation(asked) == {
        "temperature": 0.7,
        "topP": 0.5,
        "topK": 3,
        "seed": -7,
        "presencePenalty": -1.5,
        "frequencyPenalty": 1.0,
        "maxOutputTokens": 9,
        "stopSequences": ["a", " "],
    }
    assert changes(asked) == []


def test_what_is_beyond_the_range_is_moved_into_it_and_told() -> None:
    asked = request(temperature=1.9, max_output_tokens=200_000, stop=list("abcdef"))
    knobs = {"temperature_most": 1.5, "max_tokens_most": 65_536}
    assert generation(asked, **knobs) == {
        "temperature": 1.5,
        "maxOutputTokens": 65_536,
        "stopSequences": ["a", "b", "c", "d", "e"],
    }
    assert sorted(changes(asked, **knobs)) == [
        ("max_output_tokens", CLAMPED),
        ("stop", CLAMPED),
        ("temperature", CLAMPED),
    ]


def test_what_the_model_refuses_is_left_out_and_told() -> None:
    asked = request(temperature=1, top_p=1, top_k=1, seed=1, presence_penalty=1, frequency_penalty=1, stop=["a"])
    names = ["frequency_penalty", "presence_penalty", "seed", "stop", "temperature", "top_k", "top_p"]
    assert generation(asked, drops=frozenset(names)) is None
    assert sorted(changes(asked, drops=frozenset(names))) == [(name, DROPPED) for name in names]


def test_a_seed_of_more_than_32_bits_is_left_out() -> None:
    assert generation(request(seed=2**31 - 1)) == {"seed": 2**31 - 1}
    assert generation(request(seed=2**31)) is None
    assert changes(request(seed=2**31)) == [("seed", DROPPED)]


def test_a_number_that_is_none_is_refused() -> None:
    assert refusal(request(temperature=float("nan"))) == "INVALID_REQUEST: temperature: is not a number"


def test_who_asks_and_what_their_names_are_cannot_be_said() -> None:
    asked = request(pb.Message(role=pb.ROLE_USER, name="ann", parts=[pb.Part(text="x")]), end_user="u")
    assert sorted(changes(asked)) == [("end_user", DROPPED), ("messages[0].name", DROPPED)]


def effort(effort: pb.ReasoningEffort.ValueType) -> pb.ChatRequest:
    return request(reasoning=pb.ReasoningOptions(effort=effort))


def budget(tokens: int) -> pb.ChatRequest:
    return request(reasoning=pb.ReasoningOptions(budget_tokens=tokens))


@pytest.mark.parametrize(
    ("asked", "level", "change"),
    [
        (effort(LOW), "LOW", None),
        (effort(MEDIUM), "HIGH", CLAMPED),
        (effort(HIGH), "HIGH", None),
        (effort(MINIMAL), "LOW", None),
        (effort(MAX), "HIGH", None),
        (effort(OFF), "LOW", CLAMPED),
        (budget(0), "LOW", CLAMPED),
        (budget(1000), "LOW", DOWNGRADED),
        (budget(30_000), "HIGH", DOWNGRADED),
    ],
)
def test_newer_models_are_told_a_level(
    asked: pb.ChatRequest, level: str, change: pb.AdjustmentAction.ValueType | None
) -> None:
    assert generation(asked, levels=("low", "high")) == {"thinkingConfig": {"thinkingLevel": level}}
    assert [action for _, action in changes(asked, levels=("low", "high"))] == ([change] if change else [])


@pytest.mark.parametrize(
    ("asked", "least", "tokens", "change"),
    [
        (effort(OFF), 0, 0, None),
        (effort(OFF), 128, 128, CLAMPED),
        (effort(MINIMAL), 0, 512, None),
        (effort(LOW), 0, 1024, None),
        (effort(MEDIUM), 0, 8192, None),
        (effort(HIGH), 0, 20_000, None),
        (effort(MAX), 0, 20_000, None),
        (budget(0), 0, 0, None),
        (budget(0), 128, 128, CLAMPED),
        (budget(50), 128, 128, CLAMPED),
        (budget(5000), 128, 5000, None),
        (budget(30_000), 128, 20_000, CLAMPED),
    ],
)
def test_older_models_are_told_a_budget(
    asked: pb.ChatRequest, least: int, tokens: int, change: pb.AdjustmentAction.ValueType | None
) -> None:
    knobs = {"thinking": Thinking.BUDGET, "budget_least": least, "budget_most": 20_000}
    assert generation(asked, **knobs) == {"thinkingConfig": {"thinkingBudget": tokens}}
    assert [action for _, action in changes(asked, **knobs)] == ([change] if change else [])


def test_the_oldest_cannot_be_told() -> None:
    for asked, change in ((effort(HIGH), [("reasoning.effort", DROPPED)]), (effort(OFF), [])):
        assert generation(asked, thinking=Thinking.NONE) is None
        assert changes(asked, thinking=Thinking.NONE) == change
    shown = request(reasoning=pb.ReasoningOptions(include_text=True))
    assert generation(shown, thinking=Thinking.NONE) is None


@pytest.mark.parametrize("shown", [True, False])
def test_thoughts_are_shown_if_the_caller_says_so(shown: bool) -> None:
    asked = request(reasoning=pb.ReasoningOptions(effort=LOW, include_text=shown))
    assert generation(asked) == {"thinkingConfig": {"thinkingLevel": "LOW", "includeThoughts": shown}}


def test_what_is_dropped_while_it_thinks_stays_if_it_does_not() -> None:
    knobs = {"thinking": Thinking.BUDGET, "thinking_drops": frozenset({"temperature"})}
    quiet = request(temperature=1, reasoning=pb.ReasoningOptions(effort=OFF))
    assert "temperature" in generation(quiet, **knobs)
    assert generation(request(temperature=1), **knobs) is None


def test_an_amount_of_thinking_that_makes_no_sense_is_refused() -> None:
    assert "reasoning.budget_tokens" in refusal(budget(-1))
    assert "reasoning.effort" in refusal(effort(pb.REASONING_EFFORT_UNSPECIFIED))


def test_options_join_what_we_say_or_replace_it() -> None:
    asked = request(system("s"), user("u"), temperature=0.5, top_k=3)
    asked.provider_options["vendor"] = """{
        "generationConfig": {"topK": 4, "candidateCount": 1}, "safetySettings": [{"category": "c"}],
        "systemInstruction": {"role": "user"}, "cachedContent": "cachedContents/x"}"""
    asked.provider_options["other"] = '{"x": 1}'
    body = said(asked)
    del body["contents"]
    assert body == {
        "generationConfig": {"temperature": 0.5, "topK": 4, "candidateCount": 1},
        "safetySettings": [{"category": "c"}],
        "systemInstruction": {"parts": [{"text": "s"}], "role": "user"},
        "cachedContent": "cachedContents/x",
    }


@pytest.mark.parametrize("options", ['{"contents": []}', '{"model": "x"}', "[]", "{"])
def test_options_that_are_none_or_would_change_what_is_asked_are_refused(options: str) -> None:
    asked = request()
    asked.provider_options["vendor"] = options
    assert refusal(asked).startswith("INVALID_REQUEST: provider_options['vendor']")


def test_a_dialect_knows_only_what_there_is() -> None:
    with pytest.raises(ValueError, match="cannot be dropped: messages"):
        Dialect(drops=frozenset({"messages"}))
    with pytest.raises(ValueError, match="not a level: none"):
        Dialect(levels=("none",))
