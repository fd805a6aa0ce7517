"""Whether a tool loop began with thoughts, and what becomes of thinking where it did not."""

from typing import Any

import pytest

from mainstay import v1 as pb
from service.providers.anthropic.dialect import Thinking
from service.providers.anthropic.loop import lacks_thoughts
from tests.providers.anthropic.encoding import (
    ASSISTANT,
    DOWNGRADED,
    DROPPED,
    HELLO,
    TOOL,
    call,
    changes,
    message,
    request,
    result,
    said,
    state,
)

OWN = pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=state(signature="Eq="))
FOREIGN = pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=state("other", signature="Eq="))
UNSIGNED = pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=pb.ProviderState(issuer="vendor"))
RESULT, ANSWER = message(TOOL, result()), message(ASSISTANT, "done")
BUDGET: dict[str, Any] = {"thinking": Thinking.BUDGET, "max_tokens": 10_000}


def calls(*thoughts: pb.Part) -> pb.Message:
    return message(ASSISTANT, *thoughts, call())


@pytest.mark.parametrize(
    ("messages", "lacks"),
    [
        ([HELLO], False),
        ([HELLO, calls(), RESULT, ANSWER, HELLO], False),
        ([HELLO, calls(OWN), RESULT], False),
        ([HELLO, calls(), RESULT], True),
        ([HELLO, calls(FOREIGN), RESULT], True),
        ([HELLO, calls(UNSIGNED), RESULT], True),
        ([HELLO, calls(OWN), RESULT, calls(), RESULT], False),
        ([HELLO, calls(OWN), RESULT, calls(FOREIGN), RESULT], False),
        ([HELLO, calls(FOREIGN), RESULT, calls(OWN), RESULT], True),
        ([HELLO, calls(OWN), RESULT, ANSWER, HELLO, calls(FOREIGN), RESULT], True),
        ([HELLO, calls(FOREIGN), RESULT, ANSWER, HELLO, calls(OWN), RESULT], False),
        ([HELLO, calls(), HELLO], True),
    ],
)
def test_a_loop_lacks_thoughts_if_its_first_calls_came_without_signed_ones(
    messages: list[pb.Message], lacks: bool
) -> None:
    assert lacks_thoughts(messages, "vendor") == lacks


def loop(thought: pb.Part, **fields: Any) -> pb.ChatRequest:
    return request(HELLO, calls(thought), RESULT, tools=[pb.Tool(name="f")], **fields)


def test_thinking_is_turned_off_for_a_loop_that_another_began_and_it_is_told() -> None:
    asked = loop(FOREIGN, reasoning=pb.ReasoningOptions(effort=pb.REASONING_EFFORT_HIGH), temperature=0.5)
    body = said(asked, **BUDGET)
    assert (body["thinking"], body["temperature"]) == ({"type": "disabled"}, 0.5)
    assert changes(asked, **BUDGET) == [
        ("reasoning.effort", DOWNGRADED),
        ("messages[1].parts[0].reasoning", DROPPED),
    ]


@pytest.mark.parametrize("thinking", [Thinking.ADAPTIVE, Thinking.SWITCH])
def test_newer_models_think_on_all_the_same(thinking: Thinking) -> None:
    asked = loop(FOREIGN, reasoning=pb.ReasoningOptions(effort=pb.REASONING_EFFORT_HIGH))
    assert said(asked, thinking=thinking)["thinking"]["type"] != "disabled"


def test_a_placeholder_stands_for_lost_thoughts_where_a_thinking_vendor_wants_some() -> None:
    knobs: dict[str, Any] = {"thinks_by_default": True, "thoughts_placeholder": "…"}
    placeholder = {"type": "thinking", "thinking": "…"}
    assert said(loop(FOREIGN), **knobs)["messages"][1]["content"][0] == placeholder
    assert placeholder not in said(loop(OWN), **knobs)["messages"][1]["content"]
    assert placeholder not in said(loop(FOREIGN), thoughts_placeholder="…")["messages"][1]["content"]
    assert said(request(HELLO, ANSWER, HELLO), **knobs)["messages"][1]["content"] == "done"
