"""Tools: what is offered, what was called, and what came of it."""

import json
from typing import Any

import pytest

from mainstay import v1 as pb
from service.providers.tool_loops import MISSING
from tests.providers.gemini.encoding import (
    DOWNGRADED,
    DROPPED,
    called,
    changes,
    contents,
    model,
    refusal,
    request,
    result,
    said,
    user,
    wire,
)

SCHEMA = '{"type":"object","properties":{"city":{"type":["string","null"]}},"required":["city"]}'
TOOL = pb.Tool(name="weather", description="The weather.", parameters_json=SCHEMA)
PLACEHOLDER = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="
ASK = user("a")


def declared(tool: pb.Tool, **knobs: Any) -> Any:
    ((declaration,),) = (tools["functionDeclarations"] for tools in said(request(tools=[tool]), **knobs)["tools"])
    return declaration


def test_a_tool_is_declared_with_its_schema_as_it_stands() -> None:
    assert declared(TOOL) == {
        "name": "weather",
        "description": "The weather.",
        "parametersJsonSchema": json.loads(SCHEMA),
    }


def test_or_in_googles_words() -> None:
    assert declared(TOOL, json_schemas=False)["parameters"] == {
        "type": "OBJECT",
        "properties": {"city": {"type": "STRING", "nullable": True}},
        "required": ["city"],
    }


def test_a_tool_that_takes_nothing_has_no_parameters() -> None:
    assert declared(pb.Tool(name="now")) == {"name": "now"}
    empty = pb.Tool(name="now", parameters_json='{"type":"object","properties":{}}')
    assert declared(empty, json_schemas=False) == {"name": "now"}


def test_tools_that_cannot_be_offered_are_refused() -> None:
    assert refusal(request(tools=[TOOL]), tools=False).startswith("UNSUPPORTED: tools:")
    bad = pb.Tool(name="f", parameters_json="{")
    assert refusal(request(tools=[bad])).startswith("INVALID_REQUEST: tools[0].parameters_json:")


def test_there_is_no_switch_for_strictness_nor_for_one_call_at_a_time() -> None:
    strict = pb.Tool(name="f", strict=True)
    asked = request(tools=[strict], parallel_tool_calls=False)
    assert sorted(changes(asked)) == [("parallel_tool_calls", DOWNGRADED), ("tools[0].strict", DROPPED)]
    assert "at most one tool" in said(asked)["systemInstruction"]["parts"][-1]["text"]
    assert changes(request(tools=[pb.Tool(name="f", strict=False)], parallel_tool_calls=True)) == []


@pytest.mark.parametrize(
    ("choice", "calling"),
    [
        (pb.ToolChoice(mode=pb.TOOL_MODE_AUTO), {"mode": "AUTO"}),
        (pb.ToolChoice(mode=pb.TOOL_MODE_NONE), {"mode": "NONE"}),
        (pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED), {"mode": "ANY"}),
        (pb.ToolChoice(tool_name="weather"), {"mode": "ANY", "allowedFunctionNames": ["weather"]}),
    ],
)
def test_a_choice_is_said(choice: pb.ToolChoice, calling: object) -> None:
    asked = request(tools=[TOOL], tool_choice=choice)
    assert said(asked)["toolConfig"] == {"functionCallingConfig": calling}
    assert "toolConfig" not in said(request(tool_choice=choice))
    assert refusal(request(tool_choice=pb.ToolChoice())) == "INVALID_REQUEST: tool_choice: is not set"


def response(name: str, said: object, **fields: object) -> dict[str, object]:
    return {"functionResponse": {**fields, "name": name, "response": said}}


def test_results_stand_together_in_the_order_of_the_calls() -> None:
    turns = contents(
        ASK, model(called("1", "f"), called("2", "g")), result("2", "two"), user("and?"), result("1", "one")
    )
    assert turns[2] == ("user", [response("f", {"output": "one"}), response("g", {"output": "two"}), {"text": "and?"}])


@pytest.mark.parametrize(
    ("text", "failed", "object"),
    [
        ("rain", False, {"output": "rain"}),
        ("", False, {"output": ""}),
        ('{"a": 12345678901234567890123}', False, {"a": 12345678901234567890123}),
        ("[1]", False, {"output": "[1]"}),
        ("rain", True, {"error": "rain"}),
        ('{"a": 1}', True, {"error": '{"a": 1}'}),
    ],
)
def test_a_result_is_an_object(text: str, failed: bool, object: object) -> None:
    asked = request(ASK, model(called("1")), result("1", text, is_error=failed))
    body = json.loads(wire().encode(asked, "m", stream=False).body)
    assert body["contents"][2]["parts"] == [response("f", object)]


def test_a_call_without_a_result_gets_an_error() -> None:
    asked = request(ASK, model(called("1"), called("2")), result("2"))
    assert said(asked)["contents"][2]["parts"] == [
        response("f", {"error": MISSING}),
        response("f", {"output": "ok"}),
    ]
    assert changes(asked) == [("messages[1].parts[0].tool_call", DOWNGRADED)]


def test_a_result_belongs_to_the_latest_call_of_its_id_before_it() -> None:
    loops = [model(called("1", "f")), result("1", "one"), model(called("1", "g")), result("1", "two")]
    turns = contents(ASK, *loops)
    assert [parts for role, parts in turns if role == "user"][1:] == [
        [response("f", {"output": "one"})],
        [response("g", {"output": "two"})],
    ]


def test_calls_of_one_id_get_their_results_in_order_and_one_too_many_is_left_out() -> None:
    messages = [ASK, model(called("1", "f"), called("1", "g")), *(result("1", each) for each in "abc")]
    assert contents(*messages)[2][1] == [response("f", {"output": "a"}), response("g", {"output": "b"})]
    assert changes(request(*messages)) == [("messages[4].parts[0].tool_result", DROPPED)]
    stray = request(ASK, result("x"))
    assert changes(stray) == [("messages[1].parts[0].tool_result", DROPPED)]


def test_pictures_of_a_result_follow_behind_the_results_unless_they_may_stand_inside() -> None:
    picture = pb.Media(data=b"png", media_type="image/png")
    messages = [ASK, model(called("1", "f"), called("2", "g")), result("1", "x", images=[picture]), result("2", "y")]
    inline = {"inlineData": {"mimeType": "image/png", "data": "cG5n"}}
    first, second = response("f", {"output": "x"}), response("g", {"output": "y"})
    assert contents(*messages)[2][1] == [first, second, {"text": "Pictures in the result of f:"}, inline]
    assert changes(request(*messages)) == [("messages[2].parts[0].tool_result.images", DOWNGRADED)]
    inside = response("f", {"output": "x"})
    inside["functionResponse"]["parts"] = [inline]  # type: ignore[index]
    assert contents(*messages, tool_images=True)[2][1] == [inside, second]


def test_only_an_id_that_the_provider_gave_goes_back_to_it() -> None:
    own = called("id-1", state='{"functionCall": {"id": "id-1"}, "thoughtSignature": "s"}')
    foreign = called("toolu_1", state='{"functionCall": {"id": "toolu_1"}}', issuer="other")
    turns = contents(ASK, model(own, foreign), result("id-1"), result("toolu_1"))
    assert turns[1][1] == [
        {"functionCall": {"id": "id-1", "name": "f", "args": {}}, "thoughtSignature": "s"},
        {"functionCall": {"name": "f", "args": {}}},
    ]
    assert turns[2][1] == [response("f", {"output": "ok"}, id="id-1"), response("f", {"output": "ok"})]


def test_the_first_call_of_a_turn_that_google_did_not_sign_gets_googles_placeholder() -> None:
    messages = [ASK, model("B", called("1"), called("2")), result("1"), result("2")]
    signatures = [part.get("thoughtSignature") for part in contents(*messages)[1][1]]
    assert signatures == [None, PLACEHOLDER, None]
    signatures = [part.get("thoughtSignature") for part in contents(*messages, signed_calls=False)[1][1]]
    assert signatures == [None, None, None]


@pytest.mark.parametrize(
    ("arguments", "object", "told"),
    [
        ("", {}, []),
        ('{"a": 1}', {"a": 1}, []),
        ("{", {"arguments": "{"}, [("messages[1].parts[0].tool_call.arguments_json", DOWNGRADED)]),
        ("[1]", {"arguments": "[1]"}, [("messages[1].parts[0].tool_call.arguments_json", DOWNGRADED)]),
    ],
)
def test_arguments_are_an_object_whatever_a_model_wrote(arguments: str, object: object, told: object) -> None:
    asked = request(ASK, model(called("1", arguments=arguments)), result("1"))
    assert said(asked)["contents"][1]["parts"][0]["functionCall"]["args"] == object
    assert changes(asked) == told
