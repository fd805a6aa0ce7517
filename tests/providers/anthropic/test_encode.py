"""What goes out for a request: the conversation, and who says what in it."""

from typing import Any

import pytest

from mainstay import v1 as pb
from service.providers.anthropic import Anthropic, Dialect
from service.providers.tool_loops import MISSING
from tests.providers.anthropic.encoding import (
    ASSISTANT,
    CLAMPED,
    DOWNGRADED,
    DROPPED,
    HELLO,
    SYSTEM,
    TOOL,
    USER,
    call,
    changes,
    message,
    refusal,
    request,
    result,
    said,
    state,
    turns,
)


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def use(id: str = "t1", **input: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": "f", "input": input}


def answered(id: str = "t1", content: Any = "42", **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id, "content": content, **more}


def test_a_bare_request_says_nothing_that_was_not_asked_for_but_the_limit_that_must_be_there() -> None:
    question = Anthropic().encode(request(), "m1", stream=False)
    assert question.path == "/messages"
    assert said(request()) == {"model": "m1", "max_tokens": 4096, "messages": [user("hello")]}
    assert question.adjustments == []


def test_a_stream_is_asked_for_with_one_word() -> None:
    assert said(request(), stream=True) == {**said(request()), "stream": True}


def test_on_vertex_the_model_stands_in_the_path_alone() -> None:
    dialect = Dialect(path="/models/{model}:raw", stream_path="/models/{model}:stream", model_in_body=False)
    question = Anthropic(dialect).encode(request(), "claude@2026/../x", stream=False)
    assert question.path == "/models/claude@2026%2F..%2Fx:raw"
    assert b"claude" not in question.body
    assert Anthropic(dialect).encode(request(), "m", stream=True).path == "/models/m:stream"


def test_standing_instructions_stand_apart() -> None:
    body = said(request(message(SYSTEM, "a"), message(SYSTEM, "b"), HELLO))
    assert body["system"] == [text("a"), text("b")]
    assert said(request(message(SYSTEM, "a"), HELLO))["system"] == "a"
    assert body["messages"] == [user("hello")]


def test_a_later_instruction_is_said_by_the_user_in_its_place_and_told() -> None:
    asked = (HELLO, message(ASSISTANT, "hi"), message(SYSTEM, "be short"), message(USER, "why?"))
    assert turns(*asked)[-1] == user([text("be short"), text("why?")])
    assert changes(request(*asked)) == [("messages[2].role", DOWNGRADED)]


def test_what_one_side_says_in_a_row_is_one_turn() -> None:
    asked = (message(USER, "a"), message(USER, "b"), message(ASSISTANT, "c"), message(ASSISTANT, "d"), HELLO)
    assert turns(*asked) == [user([text("a"), text("b")]), assistant([text("c"), text("d")]), user("hello")]


def test_the_user_has_the_first_word() -> None:
    assert turns(message(ASSISTANT, "hi"), HELLO) == [user("."), assistant("hi"), user("hello")]
    assert turns(message(SYSTEM, "a")) == [user(".")]
    assert changes(request(message(ASSISTANT, "hi"), HELLO)) == [("messages", DOWNGRADED)]


def test_blank_texts_and_empty_turns_are_left_out() -> None:
    asked = (HELLO, message(ASSISTANT, " \n"), message(USER, "", "again"))
    assert turns(*asked) == [user([text("hello"), text("again")])]
    assert changes(request(*asked)) == [("messages[1].parts[0].text", DROPPED)]


def test_nobody_has_a_name() -> None:
    assert turns(message(USER, "a", name="ann")) == [user("a")]
    assert changes(request(message(USER, "a", name="ann"))) == [("messages[0].name", DROPPED)]


def test_all_results_of_a_turn_stand_in_the_next_one_before_what_else_is_said() -> None:
    asked = (
        HELLO,
        message(ASSISTANT, "let me see", call("t1", arguments='{"x":1}'), call("t2")),
        message(USER, "hurry"),
        message(TOOL, result("t1")),
        message(TOOL, result("t2", "no such place", is_error=True)),
    )
    assert turns(*asked)[1:] == [
        assistant([text("let me see"), use("t1", x=1), use("t2")]),
        user([answered("t1"), answered("t2", "no such place", is_error=True), text("hurry")]),
    ]
    assert changes(request(*asked, tools=[pb.Tool(name="f")])) == []


def test_a_result_may_hold_pictures() -> None:
    picture = pb.Media(data=b"png", media_type="image/png")
    block = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"}}
    for words, content in (("look", [text("look"), block]), ("", [block])):
        asked = (HELLO, message(ASSISTANT, call()), message(TOOL, result(text=words, images=[picture])))
        assert turns(*asked)[-1] == user([answered(content=content)])


def test_pictures_of_an_error_follow_behind_the_results_for_it_may_hold_text_alone() -> None:
    picture = pb.Media(data=b"png", media_type="image/png")
    block = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"}}
    failed = result("t1", "broke", is_error=True, images=[picture])
    asked = (HELLO, message(ASSISTANT, call("t1"), call("t2")), message(TOOL, failed, result("t2")))
    assert turns(*asked)[-1] == user(
        [answered("t1", "broke", is_error=True), answered("t2"), text("Pictures in the result of t1:"), block]
    )
    told = changes(request(*asked, tools=[pb.Tool(name="f")]))
    assert told == [("messages[2].parts[0].tool_result.images", DOWNGRADED)]


def test_a_missing_result_is_an_error_and_told() -> None:
    lost = answered(content=MISSING, is_error=True)
    asked = (HELLO, message(ASSISTANT, call("t1"), call("t2")), message(TOOL, result("t2")))
    assert turns(*asked)[-1] == user([lost, answered("t2")])
    between = turns(HELLO, message(ASSISTANT, call()), message(USER, "never mind"), message(ASSISTANT, "ok"), HELLO)
    assert between[2] == user([lost, text("never mind")])
    assert changes(request(*asked, tools=[pb.Tool(name="f")])) == [("messages[1].parts[0].tool_call", DOWNGRADED)]


def test_ids_of_other_providers_are_made_fit_and_unique_and_their_results_go_with_them() -> None:
    first = (message(ASSISTANT, call("functions.f:0")), message(TOOL, result("functions.f:0")))
    asked = (HELLO, *first, *first, message(ASSISTANT, call("functions_f_0")), message(TOOL, result("functions_f_0")))
    assert [block["id"] for turn in turns(*asked)[1::2] for block in turn["content"]] == [
        "functions_f_0",
        "functions_f_0_2",
        "functions_f_0_3",
    ]
    assert [block["tool_use_id"] for turn in turns(*asked)[2::2] for block in turn["content"]] == [
        "functions_f_0",
        "functions_f_0_2",
        "functions_f_0_3",
    ]
    assert changes(request(*asked, tools=[pb.Tool(name="f")])) == [("messages[1].parts[0].tool_call.id", CLAMPED)]


@pytest.mark.parametrize(
    ("arguments", "input"),
    [("", {}), (" ", {}), ('{"a":1}', {"a": 1}), ("[1]", {"arguments": "[1]"}), ('{"a', {"arguments": '{"a'})],
)
def test_arguments_are_an_object_whatever_the_model_wrote(arguments: str, input: dict[str, Any]) -> None:
    asked = (HELLO, message(ASSISTANT, call(arguments=arguments)), message(TOOL, result()))
    assert turns(*asked)[1] == assistant([use(**input)])
    told = [("messages[1].parts[0].tool_call.arguments_json", DOWNGRADED)] if "arguments" in input else []
    assert changes(request(*asked, tools=[pb.Tool(name="f")])) == told


def test_the_beginning_of_an_answer_is_continued_where_that_is_possible() -> None:
    asked = request(HELLO, message(ASSISTANT, "The answer is \n"))
    assert said(asked)["messages"][-1] == assistant("The answer is")
    assert changes(asked) == [("messages[1]", CLAMPED)]
    for knobs in ({"prefill": False}, {"always_thinks": True}):
        failure = refusal(asked, **knobs)
        assert (failure.reason, failure.detail.partition(":")[0]) == ("UNSUPPORTED", "messages[1]")


def test_a_paused_turn_goes_on_everywhere() -> None:
    block = pb.ProviderBlock(issuer="vendor", json='{"type":"server_tool_use","id":"s1"}')
    asked = request(HELLO, message(ASSISTANT, "Let me search.", pb.Part(provider_block=block)))
    assert said(asked, prefill=False)["messages"][-1]["content"][-1] == {"type": "server_tool_use", "id": "s1"}


def test_breakpoints_are_marked_and_only_the_last_four_are_left() -> None:
    marked = [pb.Part(text=str(number), cache_breakpoint=True) for number in range(3)]
    asked = request(message(SYSTEM, *marked), message(USER, *marked))
    body = said(asked)
    assert [("cache_control" in block) for block in (*body["system"], *body["messages"][0]["content"])] == [
        *(False, False, True),
        *(True, True, True),
    ]
    assert body["system"][-1] == {**text("2"), "cache_control": {"type": "ephemeral"}}
    assert changes(asked) == [("messages.parts.cache_breakpoint", DROPPED)]
    assert "cache_control" not in str(said(asked, cache_control=False))


def test_thoughts_go_back_signed_and_unchanged_before_the_calls_that_they_led_to() -> None:
    thought = pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=state(signature="Eq="))
    omitted = pb.Part(reasoning=pb.Reasoning(redacted=True), provider_state=state(signature="Er="))
    redacted = pb.Part(reasoning=pb.Reasoning(redacted=True), provider_state=state(data="xyz"))
    asked = (HELLO, message(ASSISTANT, thought, omitted, redacted, call()), message(TOOL, result()))
    assert turns(*asked)[1]["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "Eq="},
        {"type": "thinking", "thinking": "", "signature": "Er="},
        {"type": "redacted_thinking", "data": "xyz"},
        use(),
    ]


@pytest.mark.parametrize("foreign", [state("other", signature="Eq="), None, state()])
def test_thoughts_of_others_and_unsigned_ones_are_left_out_and_told(foreign: pb.ProviderState | None) -> None:
    thought = pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=foreign)
    asked = (HELLO, message(ASSISTANT, thought, "hi"), HELLO)
    assert turns(*asked)[1] == assistant("hi")
    assert changes(request(*asked)) == [("messages[1].parts[0].reasoning", DROPPED)]


def test_whoever_signs_nothing_gets_its_own_thoughts_back_as_they_are() -> None:
    thought = pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=state())
    asked = (HELLO, message(ASSISTANT, thought, "hi"), HELLO)
    assert turns(*asked, signatures=False)[1]["content"][0] == {"type": "thinking", "thinking": "hm"}


def test_what_else_the_provider_told_us_to_keep_goes_back_to_it_alone() -> None:
    block = pb.Part(provider_block=pb.ProviderBlock(issuer="vendor", json='{"type":"compaction","content":"…"}'))
    other = pb.Part(provider_block=pb.ProviderBlock(issuer="other", json="not even JSON"))
    cited = pb.Part(text="It rains.", provider_state=state(citations=[{"url": "x"}]))
    called = call(provider_state=state(caller={"type": "code"}))
    asked = (HELLO, message(ASSISTANT, block, other, cited, called), message(TOOL, result()))
    assert turns(*asked)[1]["content"] == [
        {"type": "compaction", "content": "…"},
        {**text("It rains."), "citations": [{"url": "x"}]},
        {**use(), "caller": {"type": "code"}},
    ]
    assert changes(request(*asked, tools=[pb.Tool(name="f")])) == [("messages[1].parts[1].provider_block", DROPPED)]


def test_what_cannot_be_is_refused_by_its_path() -> None:
    nobody = refusal(request(pb.Message(parts=[pb.Part(text="a")])))
    assert (nobody.reason, nobody.detail) == ("INVALID_REQUEST", "messages[0].role: is not set")
    misplaced = refusal(request(message(ASSISTANT, pb.Part(image=pb.Media(url="http://x")))))
    assert misplaced.detail.startswith("messages[0].parts[0].image:")
    assert refusal(request(message(USER, pb.Part()))).detail == "messages[0].parts[0]: is empty"


def test_a_request_is_only_read() -> None:
    asked = request(HELLO, message(ASSISTANT, call("a.b")), message(TOOL, result("a.b")), end_user="ann")
    before = asked.SerializeToString(deterministic=True)
    said(asked)
    assert asked.SerializeToString(deterministic=True) == before
