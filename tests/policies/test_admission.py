"""Who is passed over, and who is asked last."""

from collections.abc import Sequence

import pytest

from mainstay import v1 as pb
from service.chat.capabilities import Ability
from service.chat.target import Candidate, Target
from service.policies.admission import DENSEST, MARGIN, Admission
from service.policies.estimates import Estimates
from service.policies.tokens import DEEPSEEK, O200K, QWEN, estimate

PICTURE = pb.Part(image=pb.Media(url="https://x"))
FORCED = {"tools": [pb.Tool(name="f")], "tool_choice": pb.ToolChoice(tool_name="f")}


class Untouched(Estimates):
    """Must not be asked."""

    def at_least(self, request: pb.ChatRequest, target: Target) -> int:
        raise AssertionError("a question was estimated")


def lacking(name: str, *lacks: Ability, window: int | None = None) -> Candidate:
    return Candidate(target=Target(name, "m"), lacks=frozenset(lacks), context_tokens=window)


def asking(*parts: pb.Part, **fields: object) -> pb.ChatRequest:
    message = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hi"), *parts])
    return pb.ChatRequest(messages=[message], **fields)  # type: ignore[arg-type]


def admission(
    request: pb.ChatRequest, candidates: Sequence[Candidate], estimates: Estimates | None = None
) -> Admission:
    return Admission(request, candidates, estimates or Untouched())


def names(candidates: Sequence[Candidate]) -> str:
    return "".join(candidate.target.provider for candidate in candidates)


def test_who_is_known_to_lack_what_a_question_needs_is_passed_over_with_the_reason() -> None:
    blind = lacking("a", Ability.FILES, Ability.IMAGES)
    objection = admission(asking(PICTURE), [blind]).objection(blind)
    assert objection is not None
    assert (objection.reason, objection.detail) == ("UNSUPPORTED", "images: a/m reads none")


def test_what_is_lacking_and_not_needed_is_no_reason() -> None:
    blind, other = lacking("a", Ability.IMAGES), lacking("b", Ability.FILES)
    both = admission(asking(PICTURE), [blind, other])
    assert both.objection(other) is None
    assert admission(asking(), [blind]).objection(blind) is None


@pytest.mark.parametrize(
    ("order", "asked", "put_off"),
    [
        ("xa", "ax", "x"),
        ("ax", "ax", ""),
        ("xyab", "abxy", "xy"),
        ("axb", "abx", "x"),
        ("xy", "xy", ""),
        ("ab", "ab", ""),
    ],
)
def test_who_cannot_be_forced_to_call_a_tool_is_asked_after_those_who_can(order: str, asked: str, put_off: str) -> None:
    candidates = [lacking(name, *([Ability.FORCED_TOOL_CHOICE] if name in "xy" else [])) for name in order]
    found = admission(asking(**FORCED), candidates)
    assert (names(found.order), names(found.put_off)) == (asked, put_off)
    assert all(found.objection(candidate) is None for candidate in candidates)
    assert names(admission(asking(), candidates).order) == order


WORDS = "mast " * 1_500
TOKENS = estimate(WORDS + "\n") + 6
"""Of the question below, without its picture."""


def long(window: int | None) -> str | None:
    candidate = lacking("a", window=window)
    request = pb.ChatRequest(messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text=WORDS), PICTURE])])
    objection = admission(request, [candidate], Estimates()).objection(candidate)
    return None if objection is None else f"{objection.reason}: {objection.detail}"


def test_a_question_far_above_the_window_is_not_sent_and_pictures_do_not_hide_it() -> None:
    assert long(1_000) == f"CONTEXT_TOO_LONG: messages: about {TOKENS:,} tokens; the window of a/m holds 1,000"


def test_near_the_window_the_provider_decides() -> None:
    assert long(round(TOKENS / MARGIN) + 10) is None
    assert long(round(TOKENS / MARGIN) - 10) is not None
    assert long(None) is None


def test_a_question_that_cannot_be_too_long_is_not_estimated() -> None:
    candidate = lacking("a", window=100_000)
    request = asking(pb.Part(text="a1 ,。好\n" * 5_000))
    assert admission(request, [candidate]).objection(candidate) is None
    with pytest.raises(AssertionError, match="estimated"):
        admission(request, [candidate]).objection(lacking("b", window=50_000))


def test_no_text_has_more_tokens_for_its_bytes_than_is_assumed() -> None:
    for weights in (O200K, DEEPSEEK, QWEN):
        for piece in ("1", "a1", "a ", "\n", ";", ";\n", "好", "1\n", "ab1;\n"):
            text = piece * 1000
            assert estimate(text, weights) <= DENSEST * len(text.encode())
