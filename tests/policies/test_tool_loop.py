"""Who goes on with a tool loop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.target import Candidate, Target
from service.policies.tool_loop import in_order

A, B, C, B2 = (Candidate(target=Target.parse(name)) for name in ("a/1", "b/1", "c/1", "b/2"))
QUESTION = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="go")])
RESULT = pb.Message(role=pb.ROLE_TOOL, parts=[pb.Part(tool_result=pb.ToolResult(tool_call_id="1"))])


def calls(*issuers: str) -> pb.Message:
    """A turn with a call of each; empty: nobody says whose it is."""
    parts = [
        pb.Part(tool_call=pb.ToolCall(id="1"), provider_state=pb.ProviderState(issuer=issuer)) for issuer in issuers
    ]
    return pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text="so"), *parts])


def order(*messages: pb.Message) -> list[Candidate]:
    return list(in_order(pb.ChatRequest(messages=messages), [A, B, C, B2]))


def test_the_targets_of_the_provider_that_called_come_first_and_all_else_stays() -> None:
    assert order(QUESTION, calls("b"), RESULT) == [B, B2, A, C]
    assert order(QUESTION, calls("b", "b"), RESULT, RESULT) == [B, B2, A, C]


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [QUESTION],
        [QUESTION, calls("b"), RESULT, QUESTION],
        [QUESTION, calls("b"), RESULT, pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text="done")])],
        [QUESTION, calls("b"), RESULT, QUESTION, calls(""), RESULT],
        [QUESTION, calls(""), RESULT],
        [QUESTION, calls("nobody we know"), RESULT],
        [RESULT],
    ],
    ids=["nothing", "question", "asked on", "answered", "older loop", "unsaid", "unknown", "no call"],
)
def test_without_an_open_loop_of_one_of_them_the_order_stays(messages: list[pb.Message]) -> None:
    assert order(*messages) == [A, B, C, B2]


def test_whoever_took_the_loop_over_keeps_it() -> None:
    assert order(QUESTION, calls("b"), RESULT, calls("c"), RESULT)[0] == C
    assert order(QUESTION, calls("b"), RESULT, calls(""), RESULT)[0] == B


def test_a_word_between_call_and_result_does_not_end_the_loop() -> None:
    assert order(QUESTION, calls("b"), QUESTION, RESULT)[0] == B


def test_any_part_may_tell_who_called() -> None:
    turn = calls("")
    turn.parts[0].provider_state.issuer = "b"
    assert order(QUESTION, turn, RESULT)[0] == B


def test_who_spoke_before_it_broke_off_did_not_call() -> None:
    turn = calls("b")
    turn.parts[0].provider_state.issuer = "c"
    assert order(QUESTION, turn, RESULT)[0] == B


@given(st.lists(st.sampled_from([A, B, C, B2]), min_size=1), st.sampled_from(["a", "b", "c", "d", ""]))
def test_nobody_is_lost_or_added_and_the_others_keep_their_places(candidates: list[Candidate], issuer: str) -> None:
    ordered = list(in_order(pb.ChatRequest(messages=[QUESTION, calls(issuer), RESULT]), candidates))
    for own in (True, False):
        assert [one for one in ordered if (one.target.provider == issuer) == own] == [
            one for one in candidates if (one.target.provider == issuer) == own
        ]
    assert [one.target.provider == issuer for one in ordered] == sorted(
        (one.target.provider == issuer for one in ordered), reverse=True
    )
