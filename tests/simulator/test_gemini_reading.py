"""What Gemini refuses, and in which words."""

import base64
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.simulator.gemini.errors import refused
from service.simulator.gemini.reading import read_question
from service.simulator.gemini.signing import signature_of_call, signature_of_text
from service.simulator.protocol import Asked
from service.simulator.question import Question
from service.simulator.refusal import Refusal

DIGEST = 64 * "2"
USER = {"role": "user", "parts": [{"text": "hello"}]}
MODEL = {"role": "model", "parts": [{"text": "hi"}]}
SIGNED = signature_of_call(DIGEST, "f", {"a": 1})
PLACEHOLDER = base64.b64encode(b"skip_thought_signature_validator").decode()
CONFIG = "generation_config"


def call(name: str = "f", args: Any = None, **more: Any) -> dict[str, Any]:
    return {"functionCall": {"name": name, "args": {"a": 1} if args is None else args}, **more}


def signed(signature: str = SIGNED, **more: Any) -> dict[str, Any]:
    return call(thoughtSignature=signature, **more)


def response(**more: Any) -> dict[str, Any]:
    return {"functionResponse": {"name": "f", "response": {"output": "42"}, **more}}


def model(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "parts": list(parts)}


def valid(*contents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"contents": list(contents) or [USER], **more}


def config(**more: Any) -> dict[str, Any]:
    return valid(generationConfig=more)


def declared(**more: Any) -> dict[str, Any]:
    return valid(tools=[{"functionDeclarations": [{"name": "f", **more}]}])


def parameters(**schema: Any) -> dict[str, Any]:
    return declared(parameters={"type": "OBJECT", "properties": {"a": schema}})


def read(body: object, model: str = "chat") -> Question:
    place = {"model": model, "method": "generateContent"}
    return read_question(Asked(orjson.dumps(body), place=place, query={}))


def error_of(refusal: Refusal) -> dict[str, Any]:
    return dict(orjson.loads(orjson.dumps(refused(refusal)))["error"])


@pytest.mark.parametrize(
    "body",
    [
        valid(USER, MODEL, USER, systemInstruction={"parts": [{"text": "be brief"}]}, safetySettings=[], labels={}),
        valid({"parts": [{"text": "no role"}]}),
        valid({"parts": [{"text": "a", "thought": None, "inline_data": None}]}, generationConfig=None, toolConfig=None),
        config(temperature=2, topP=1, topK="40", maxOutputTokens=5.0, stopSequences=list("abcde"), seed=1, logprobs=2),
        config(response_mime_type="application/json", response_schema={"type": "object", "anyOf": [{"type": 1}]}),
        config(responseMimeType="text/x.enum", responseSchema={"type": "STRING", "enum": ["a"]}),
        config(responseMimeType="application/json", responseJsonSchema={"type": ["string", "null"], "const": 1}),
        declared(), declared(parameters=None), declared(parametersJsonSchema={"oneOf": [], "$schema": "x"}),
        parameters(type="ARRAY", items={"$ref": "#/$defs/a"}, additionalProperties=False, minItems="1", nullable=True),
        valid(tools=[{"googleSearch": {}}, {"code_execution": {}}]),
        valid(user({"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgoAAAAN_-"}})),
        valid(user({"inlineData": {"mimeType": "audio/mpeg", "data": "AAAA"}}, {"fileData": {"fileUri": "gs://a"}})),
        valid(USER, model(signed()), user(response())),
        valid(USER, model(signed(), call()), user(response(), response(id="2"))),
        valid(USER, model(signed(), call()), user(response()), user(response()), user({"text": "so?"})),
        valid(USER, model(signed(PLACEHOLDER)), {"role": "function", "parts": [response()]}),
        valid(USER, model(signed("skip_thought_signature_validator")), user(response())),
        valid(USER, model(call()), user(response()), MODEL, USER),
        valid(USER, model(call()), user(response()), USER),
        valid(USER, model({"text": "a", "thoughtSignature": signature_of_text(DIGEST)}), USER),
        valid(USER, model(signed(functionCall={"name": "f", "args": {"a": 1.0}})), user(response())),
        valid(tools=[{"functionDeclarations": [{"name": "f"}]}],
              tool_config={"function_calling_config": {"mode": 2, "allowed_function_names": ["f"]}}),
    ],
)  # fmt: skip
def test_what_the_protocol_knows_is_accepted(body: dict[str, Any]) -> None:
    assert read(body).model == "chat"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "must be a JSON object"),
        ({}, "contents is not specified"),
        ({"contents": []}, "contents is not specified"),
        (valid(temperature=1), 'Unknown name "temperature": Cannot find field.'),
        (config(maxTokens=1), f"Unknown name \"maxTokens\" at '{CONFIG}': Cannot find field."),
        (valid(user({"text": "a", "colour": 1})), "Unknown name \"colour\" at 'contents[0].parts[0]'"),
        (valid(user()), "contents[0].parts: contents.parts must not be empty."),
        (valid({"role": "user"}), "contents.parts must not be empty."),
        (valid(user({})), "contents[0].parts[0].data: required oneof field 'data'"),
        (valid(user({"text": "a", "fileData": {"fileUri": "b"}})), "oneof field 'data' is already set"),
        (valid({"role": "robot", "parts": [{"text": "a"}]}), "Please use a valid role: user, model."),
        (valid(MODEL, USER), "contents[0].role: the first turn must be the user's"),
        (valid(systemInstruction={"parts": []}), "system_instruction.parts"),
        (config(stopSequences=list("abcdef")), "at most 5 stop sequences"),
        (config(temperature="warm"), f"Invalid value at '{CONFIG}.temperature'"),
        (config(temperature=2.5), f"Invalid value at '{CONFIG}.temperature'"),
        (config(thinkingConfig={"thinkingBudget": 1, "thinkingLevel": "LOW"}), "only set one of thinking budget"),
        (config(responseSchema={"type": "OBJECT"}), "only allowed when response_mime_type"),
        (config(responseMimeType="application/json", responseSchema={}, responseJsonSchema={}), "only one of"),
        (config(responseMimeType="application/json", responseSchema={"type": "OBJECT", "oneOf": []}),
         f"Unknown name \"oneOf\" at '{CONFIG}.response_schema'"),
        *((parameters(type="STRING", **{keyword: value}), f'Unknown name "{keyword}"') for keyword, value in {
            "const": 1, "allOf": [], "not": {}, "$schema": "x", "if": {}, "patternProperties": {},
            "exclusiveMinimum": 1, "unevaluatedProperties": False}.items()),
        (parameters(type=["string", "null"]), "parameters.properties.a.type'"),
        (parameters(type="str"), "Invalid value at"),
        (parameters(type="STRING", enum=[1]), "enum[0]'"),
        (parameters(type="ARRAY"), "parameters.properties[a].items: missing field."),
        (declared(parameters={"type": "STRING"}), "schema type should be OBJECT"),
        (declared(parameters={"type": "OBJECT", "properties": {}, "required": ["b"]}), "required[0]: property is not"),
        (declared(parameters={"type": "OBJECT"}, parametersJsonSchema={}), "only one of parameters"),
        (declared(name="a b"), "Invalid value at 'tools[0].function_declarations[0].name'"),
        (declared(strict=True), "Unknown name \"strict\" at 'tools[0].function_declarations[0]'"),
        (valid(tools=[{"functionDeclarations": [{"name": "f"}, {"name": "f"}]}]), "Duplicate function declaration"),
        (valid(toolConfig={"functionCallingConfig": {"mode": "ANY"}}), "without function_declarations"),
        (valid(toolConfig={"functionCallingConfig": {"mode": "SOME"}}), "Invalid value at"),
        (declared() | {"toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["g"]}}},
         "g is not"),
        (declared() | {"toolConfig": {"functionCallingConfig": {"allowedFunctionNames": ["f"]}}},
         "only be set when the mode is ANY"),
        (valid(user({"inlineData": {"mimeType": "image/png", "data": "SGVsbG8="}})), "Unable to process input image"),
        (valid(user({"inlineData": {"mimeType": "audio/mpeg", "data": "?"}})), "Base64 decoding failed"),
        (valid(USER, model(signed()), user(response(response="42"))), "function_response.response'"),
        (valid(USER, model(signed()), user(response(response=[1]))), "function_response.response'"),
        (valid(USER, model(signed()), USER), "number of function response parts"),
        (valid(USER, model(signed())), "number of function response parts"),
        (valid(USER, model(signed(), call()), user(response())), "number of function response parts"),
        (valid(USER, MODEL, user(response())), "number of function response parts"),
        (valid(USER, user(response())), "number of function response parts"),
        (valid(USER, model(call("g", {})), user(response())),
         "Function call `g` in the `2.` content block is missing a `thought_signature`."),
        (valid(USER, model(call(), signed()), user(response(), response())), "in the `2.` content block is missing"),
        (valid(USER, model(signed()), user(response()), model(call()), user(response())), "in the `4.` content block"),
        (valid(USER, model(signed(SIGNED[:-1] + ("A" if SIGNED[-1] != "A" else "B"))), user(response())),
         "Thought signature is not valid: contents[1].parts[0]."),
        (valid(USER, model(call("f", {"a": 2}, thoughtSignature=SIGNED)), user(response())),
         "Thought signature is not valid"),
        (valid(USER, model(call("g", thoughtSignature=SIGNED)), user(response())), "Thought signature is not valid"),
        (valid(USER, model(signed("Rm9yZ2Vk")), user(response()), MODEL, USER), "Thought signature is not valid"),
        (valid(USER, model({"text": "a", "thoughtSignature": SIGNED}), USER), "Thought signature is not valid"),
        (valid(USER, model(signed("!")), user(response())), "Base64 decoding failed"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_at_its_place(body: object, said: str) -> None:
    with pytest.raises(Refusal) as raised:
        read(body)
    assert said in raised.value.message
    assert error_of(raised.value)["status"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize("name", ["gemini-2.5-flash", "gemini-2.0-flash+think(3)", "gemini-3-pro-image-preview"])
def test_older_models_do_not_miss_a_signature_but_know_a_false_one(name: str) -> None:
    read(valid(USER, model(call()), user(response())), name)
    with pytest.raises(Refusal, match="not valid"):
        read(valid(USER, model(signed("Rm9yZ2Vk")), user(response())), name)


def test_a_place_is_told_as_a_violation() -> None:
    with pytest.raises(Refusal) as raised:
        read(valid(user({"text": "a", "colour": 1})))
    [detail] = error_of(raised.value)["details"]
    assert detail["fieldViolations"][0]["field"] == "contents[0].parts[0].colour"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["user", "model", "OBJECT", "f", "ANY"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "parts", "text", "functionCall", "functionResponse", "name", "args", "response",
                             "type", "properties", "items", "functionDeclarations", "parameters", "thoughtSignature"]),
            inner,
        )
    ),
    max_leaves=12,
)  # fmt: skip
KEYS = ["contents", "tools", "toolConfig", "systemInstruction", "generationConfig"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_no_request_confuses_the_reader(more: dict[str, Any]) -> None:
    with suppress(Refusal):
        read({**valid(), **more})
