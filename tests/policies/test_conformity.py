"""What is said in a form, and what is said about it."""

from mainstay import v1 as pb
from service.policies.conformity import Heard, put_again, saying, schema_of, why_no_use
from tests.kit.forms import PERSON, asks_for_json


def text(part: int, said: str) -> pb.ChatEvent:
    return pb.ChatEvent(text_delta=pb.TextDelta(part=part, text=said))


def state(part: int) -> pb.ChatEvent:
    return pb.ChatEvent(part_state=pb.PartState(part=part, provider_state=pb.ProviderState(issuer="a", data=b"s")))


THOUGHT = pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=0, text="hm"))
END = pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP))


def test_the_schema_is_that_of_the_request_and_empty_where_any_object_will_do() -> None:
    assert schema_of(asks_for_json()) == PERSON
    assert schema_of(asks_for_json(None)) == ""


def test_thoughts_are_no_part_of_the_text() -> None:
    heard = Heard.of([THOUGHT, text(1, "{"), text(1, "}"), text(2, " "), END])
    assert (heard.text, heard.finish, heard.wants_tools) == ("{} ", pb.FINISH_REASON_STOP, False)


def test_a_tool_call_is_no_answer_whatever_the_finish_reason_says() -> None:
    called = pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=1, id="1", name="f"))
    assert Heard.of([text(0, "{}"), called, END]).wants_tools


def test_whether_asking_again_could_help_is_known_of_every_finish_reason() -> None:
    hopeless = {finish for finish in pb.FinishReason.values() if why_no_use(finish) is not None}
    assert {pb.FinishReason.Name(finish).removeprefix("FINISH_REASON_") for finish in hopeless} == {
        *("LENGTH", "CONTENT_FILTER", "REFUSAL", "PAUSE")
    }


def test_another_text_stands_in_the_first_part_and_all_else_stays() -> None:
    events = [THOUGHT, text(1, "```"), text(1, "{"), text(2, "}"), state(0), END]
    assert list(saying(events, "{}")) == [THOUGHT, text(1, "{}"), state(0), END]


def test_a_part_whose_state_the_provider_wants_back_stays_without_its_text() -> None:
    events = [text(0, "{"), text(1, "}"), state(1), END]
    assert list(saying(events, "{}")) == [text(0, "{}"), text(1, ""), state(1), END]


def test_a_question_put_again_has_the_answer_with_its_state_and_all_that_is_wrong() -> None:
    request = asks_for_json()
    before = request.SerializeToString(deterministic=True)
    again = put_again(request, [THOUGHT, state(0), text(1, "{}"), END], ["one thing", "another"])
    answer, complaint = again.messages[-2:]
    assert (answer.role, complaint.role) == (pb.ROLE_ASSISTANT, pb.ROLE_USER)
    assert [part.WhichOneof("content") for part in answer.parts] == ["reasoning", "text"]
    assert answer.parts[0].provider_state.data == b"s"
    assert "- one thing\n- another\n" in complaint.parts[0].text
    assert "JSON" in complaint.parts[0].text
    assert request.SerializeToString(deterministic=True) == before
