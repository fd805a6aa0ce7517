"""What a stream that broke leads to."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.conditions import Conditions
from service.chat.failures import VERDICTS, Failure, Onward
from service.chat.target import Candidate
from service.policies import tokens
from service.policies.budget import CAP, Budget
from service.policies.per_target import PerTarget
from service.policies.recovery import MOST_CHARACTERS, MOST_REQUESTS, Said, continued, may_ask, modes_of
from tests.conftest import PRIMARY

ACall = Callable[..., Call]
ABLE = Candidate(target=PRIMARY, takes_prefix=True)
"""Goes on after the beginning of an answer."""
UNABLE = Candidate(target=PRIMARY)
BROKEN = Failure(pb.FAILURE_KIND_CUT_OFF, "")
CONTINUE, DISCARD = pb.RESET_MODE_CONTINUE, pb.RESET_MODE_DISCARD
Mode: TypeAlias = "pb.ResetMode.ValueType"


def text(words: str, part: int = 0) -> pb.ChatEvent:
    return pb.ChatEvent(text_delta=pb.TextDelta(part=part, text=words))


def said(*events: pb.ChatEvent) -> Said:
    said = Said()
    for event in events:
        said.add(event)
    return said


@pytest.fixture
def budgets() -> PerTarget[Budget]:
    return PerTarget(lambda target: Budget(lambda: 0.0))


@pytest.mark.parametrize(
    ("recovery", "modes"),
    [
        (pb.RECOVERY_FAIL, []),
        (pb.RECOVERY_CONTINUE, [CONTINUE]),
        (pb.RECOVERY_RESTART, [CONTINUE, DISCARD]),
    ],
)
def test_the_caller_says_what_may_be_tried(
    recovery: pb.Recovery.ValueType, modes: Sequence[Mode], a_call: ACall
) -> None:
    call = a_call(conditions=Conditions(recovery=recovery))
    assert list(modes_of(call, BROKEN, said(text("a")))) == modes


@pytest.mark.parametrize("kind", VERDICTS, ids=pb.FailureKind.Name)
def test_nothing_is_tried_after_a_failure_that_nobody_could_mend(kind: pb.FailureKind.ValueType, a_call: ACall) -> None:
    modes = modes_of(a_call(), Failure(kind, ""), said(text("a")))
    assert list(modes) == ([CONTINUE] if VERDICTS[kind].onward is Onward.YES else [])


def test_nobody_goes_on_after_blanks(a_call: ACall) -> None:
    call = a_call(conditions=Conditions(recovery=pb.RECOVERY_RESTART))
    assert list(modes_of(call, BROKEN, said(text(" \n")))) == [DISCARD]


def test_the_last_part_of_text_is_the_one_to_go_on_with() -> None:
    both = said(text("a", part=2), text("b", part=1))
    assert (both.text, both.part, both.is_plain) == ("ab", 2, True)


@pytest.mark.parametrize(
    ("event", "plain"),
    [
        (pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(text="hm")), False),
        (pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(id="c", name="f")), False),
        (pb.ChatEvent(started=pb.Started()), True),
        (pb.ChatEvent(heartbeat=pb.Heartbeat()), True),
    ],
    ids=lambda value: value.WhichOneof("event") if isinstance(value, pb.ChatEvent) else "",
)
def test_thoughts_and_calls_are_not_plain_text(event: pb.ChatEvent, plain: bool) -> None:
    assert said(text("a"), event, text("b")).is_plain is plain


@pytest.mark.parametrize(("more", "plain"), [("", True), ("a", False)])
def test_of_a_very_long_answer_nothing_is_kept(more: str, plain: bool) -> None:
    seen = said(text("a" * MOST_CHARACTERS), text(more), text(""))
    assert (seen.is_plain, len(seen.text)) == (plain, MOST_CHARACTERS if plain else 0)


def test_only_who_takes_a_prefix_goes_on_after_one(a_call: ACall, budgets: PerTarget[Budget]) -> None:
    assert may_ask(a_call(), ABLE, CONTINUE, budgets)
    assert not may_ask(a_call(), UNABLE, CONTINUE, budgets)
    assert may_ask(a_call(), UNABLE, DISCARD, budgets)


def test_a_target_that_was_asked_before_is_asked_so_often_and_as_its_budget_allows(
    a_call: ACall, budgets: PerTarget[Budget]
) -> None:
    call = a_call()
    for _ in range(MOST_REQUESTS):
        assert may_ask(call, ABLE, CONTINUE, budgets)
        call.ledger.open(PRIMARY, pb.ATTEMPT_CAUSE_FIRST, 0.0)
    assert not may_ask(call, ABLE, CONTINUE, budgets)


def test_an_empty_budget_matters_only_to_who_asks_again(a_call: ACall, budgets: PerTarget[Budget]) -> None:
    for _ in range(int(CAP)):
        budgets[PRIMARY].withdraw()
    call = a_call()
    assert may_ask(call, ABLE, CONTINUE, budgets)
    call.ledger.open(PRIMARY, pb.ATTEMPT_CAUSE_FIRST, 0.0)
    assert not may_ask(call, ABLE, CONTINUE, budgets)


@pytest.mark.parametrize("model", ["gpt-5", "qwen-max"])
def test_what_was_said_is_counted_as_the_next_model_counts(model: str) -> None:
    request, digits = pb.ChatRequest(max_output_tokens=100), "0123456789 " * 5
    spent = tokens.estimate(digits, tokens.weights_of(model))
    assert continued(request, digits, model).max_output_tokens == 100 - spent
    assert request == pb.ChatRequest(max_output_tokens=100), "the caller's own request was changed"


def test_those_two_count_differently() -> None:
    assert tokens.weights_of("gpt-5") != tokens.weights_of("qwen-max")


def test_a_token_at_least_is_left() -> None:
    assert continued(pb.ChatRequest(max_output_tokens=3), "word " * 40, "m").max_output_tokens == 1


def test_a_call_without_a_limit_has_none_for_the_rest_either() -> None:
    assert not continued(pb.ChatRequest(), "word", "m").HasField("max_output_tokens")
