"""How much the model shall think, in every style."""

from typing import Any

import pytest

from mainstay import v1 as pb
from service.providers.openai.dialect import ReasoningStyle
from tests.providers.openai.encoding import CLAMPED, DOWNGRADED, DROPPED, added, changes, refusal, request

OFF, MINIMAL, LOW, MEDIUM, HIGH, MOST = (value for value in pb.ReasoningEffort.values() if value)
EFFORT: dict[str, Any] = {"reasoning": ReasoningStyle.EFFORT, "efforts": ("none", "low", "medium", "high")}
THINKING: dict[str, Any] = {"reasoning": ReasoningStyle.THINKING}
STEPS: dict[str, Any] = THINKING | {"efforts": ("low", "high", "max")}
SWITCH: dict[str, Any] = {"reasoning": ReasoningStyle.ENABLE_THINKING}
BUDGET: dict[str, Any] = SWITCH | {"budget_field": "thinking_budget"}
OBJECT: dict[str, Any] = {"reasoning": ReasoningStyle.OBJECT, "efforts": ("low", "medium", "high")}
TEMPLATE: dict[str, Any] = {"reasoning": ReasoningStyle.TEMPLATE}
ALWAYS: dict[str, Any] = {"always_thinks": True}


def asking(effort: Any = None, **fields: Any) -> pb.ChatRequest:
    return request(reasoning=pb.ReasoningOptions(effort=effort, **fields))


@pytest.mark.parametrize(
    ("knobs", "effort", "expected", "action"),
    [
        (EFFORT, OFF, {"reasoning_effort": "none"}, None),
        (EFFORT, MINIMAL, {"reasoning_effort": "low"}, None),
        (EFFORT, MEDIUM, {"reasoning_effort": "medium"}, None),
        (EFFORT, MOST, {"reasoning_effort": "high"}, None),
        (EFFORT | {"efforts": ("low", "high")}, OFF, {"reasoning_effort": "low"}, CLAMPED),
        (EFFORT | {"efforts": ("minimal", "low")}, HIGH, {"reasoning_effort": "low"}, CLAMPED),
        (EFFORT | {"efforts": ()}, HIGH, {}, DROPPED),
        (EFFORT | {"efforts": ()}, OFF, {}, DROPPED),
        (THINKING, OFF, {"thinking": {"type": "disabled"}}, None),
        (THINKING, LOW, {"thinking": {"type": "enabled"}}, DOWNGRADED),
        (STEPS, OFF, {"thinking": {"type": "disabled"}}, None),
        (STEPS, MEDIUM, {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}, CLAMPED),
        (STEPS, MOST, {"thinking": {"type": "enabled"}, "reasoning_effort": "max"}, None),
        (STEPS | ALWAYS, OFF, {"thinking": {"type": "enabled"}, "reasoning_effort": "low"}, CLAMPED),
        (THINKING | ALWAYS, OFF, {}, DROPPED),
        (SWITCH, OFF, {"enable_thinking": False}, None),
        (SWITCH, HIGH, {"enable_thinking": True}, DOWNGRADED),
        (OBJECT, OFF, {"reasoning": {"enabled": False}}, None),
        (OBJECT | {"efforts": ("none", "low")}, OFF, {"reasoning": {"effort": "none"}}, None),
        (OBJECT, HIGH, {"reasoning": {"effort": "high"}}, None),
        (OBJECT | {"efforts": ()}, HIGH, {"reasoning": {"enabled": True}}, DOWNGRADED),
        (TEMPLATE, OFF, {"chat_template_kwargs": {"enable_thinking": False}}, None),
        (TEMPLATE, LOW, {"chat_template_kwargs": {"enable_thinking": True}}, DOWNGRADED),
        ({}, HIGH, {}, DROPPED),
        ({}, OFF, {}, None),  # a model that does not think has done what it was asked
        ({"thinks_by_default": True}, OFF, {}, DROPPED),
    ],
)
def test_an_effort_is_said_as_nearly_as_it_can_be(
    knobs: dict[str, Any], effort: pb.ReasoningEffort.ValueType, expected: dict[str, Any], action: int | None
) -> None:
    assert added(asking(effort), **knobs) == expected
    assert changes(asking(effort), **knobs) == ([("reasoning.effort", action)] if action else [])


@pytest.mark.parametrize(
    ("knobs", "tokens", "expected", "action"),
    [
        (BUDGET, 500, {"enable_thinking": True, "thinking_budget": 500}, None),
        (BUDGET, 0, {"enable_thinking": False}, None),
        (OBJECT, 500, {"reasoning": {"max_tokens": 500}}, None),
        (EFFORT, 1024, {"reasoning_effort": "low"}, DOWNGRADED),
        (EFFORT, 4096, {"reasoning_effort": "medium"}, DOWNGRADED),
        (EFFORT, 4097, {"reasoning_effort": "high"}, DOWNGRADED),
        (EFFORT, 0, {"reasoning_effort": "none"}, None),
        (EFFORT | {"efforts": ()}, 9, {}, DROPPED),
        (SWITCH, 9, {"enable_thinking": True}, DOWNGRADED),
        ({}, 9, {}, DROPPED),
        ({}, 0, {}, None),
    ],
)
def test_a_budget_becomes_an_effort_where_there_is_none(
    knobs: dict[str, Any], tokens: int, expected: dict[str, Any], action: int | None
) -> None:
    asked = asking(budget_tokens=tokens)
    assert added(asked, **knobs) == expected
    assert changes(asked, **knobs) == ([("reasoning.budget_tokens", action)] if action else [])


@pytest.mark.parametrize(
    ("knobs", "wanted", "expected", "is_dropped"),
    [
        ({"include_field": "include_reasoning"}, True, {"include_reasoning": True}, False),
        ({"include_field": "include_reasoning"}, False, {"include_reasoning": False}, False),
        (OBJECT, False, {"reasoning": {"exclude": True}}, False),
        (OBJECT, True, {"reasoning": {"exclude": False}}, False),
        ({}, True, {}, False),
        ({}, False, {}, True),
    ],
)
def test_whether_thoughts_come_back_is_said_where_it_can_be(
    knobs: dict[str, Any], wanted: bool, expected: dict[str, Any], is_dropped: bool
) -> None:
    asked = asking(include_text=wanted)
    assert added(asked, **knobs) == expected
    assert changes(asked, **knobs) == ([("reasoning.include_text", DROPPED)] if is_dropped else [])


def test_the_object_holds_the_effort_and_whether_thoughts_come_back() -> None:
    assert added(asking(LOW, include_text=False), **OBJECT) == {"reasoning": {"effort": "low", "exclude": True}}


def test_nothing_is_said_of_thinking_if_nothing_was_asked() -> None:
    for knobs in (EFFORT, THINKING, BUDGET, OBJECT, TEMPLATE, {}):
        assert added(request(reasoning=pb.ReasoningOptions()), **knobs) == added(request(), **knobs) == {}


@pytest.mark.parametrize(
    ("effort", "knobs", "thinks"),
    [
        (None, STEPS | {"thinks_by_default": True}, True),
        (None, STEPS, False),
        (OFF, STEPS | {"thinks_by_default": True}, False),
        (OFF, STEPS | ALWAYS, True),
        (OFF, {"reasoning": ReasoningStyle.EFFORT, "efforts": ("low",), "thinks_by_default": True}, True),
        (LOW, STEPS, True),
        (LOW, {}, False),
    ],
)
def test_what_is_only_refused_while_thinking_is_dropped_only_then(
    effort: Any, knobs: dict[str, Any], thinks: bool
) -> None:
    asked = request(temperature=1, reasoning=pb.ReasoningOptions(effort=effort))
    knobs = knobs | {"thinking_drops": frozenset({"temperature"})}
    assert (("temperature", DROPPED) in changes(asked, **knobs)) == thinks
    assert ("temperature" in added(asked, **knobs)) != thinks


@pytest.mark.parametrize(
    ("options", "path"),
    [
        (pb.ReasoningOptions(effort=pb.REASONING_EFFORT_UNSPECIFIED), "reasoning.effort"),
        (pb.ReasoningOptions(budget_tokens=-1), "reasoning.budget_tokens"),
    ],
)
def test_an_amount_that_makes_no_sense_is_refused(options: pb.ReasoningOptions, path: str) -> None:
    refused = refusal(request(reasoning=options), **EFFORT)
    assert refused.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert refused.detail.startswith(f"{path}: ")
