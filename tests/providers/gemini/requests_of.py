"""Turns a recorded body back into the request that a caller of ours would have sent, and the dialect that fits."""

import json
from base64 import urlsafe_b64decode
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from mainstay import v1 as pb
from service.providers.gemini import Dialect, Thinking

Body = dict[str, Any]

NUMBERS = {
    "temperature": "temperature",
    "topP": "top_p",
    "topK": "top_k",
    "maxOutputTokens": "max_output_tokens",
    "seed": "seed",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
}
MODES = {"AUTO": pb.TOOL_MODE_AUTO, "NONE": pb.TOOL_MODE_NONE, "ANY": pb.TOOL_MODE_REQUIRED}
LEVELS = {"low": pb.REASONING_EFFORT_LOW, "medium": pb.REASONING_EFFORT_MEDIUM, "high": pb.REASONING_EFFORT_HIGH}
SAID = {"user": pb.ROLE_USER, "model": pb.ROLE_ASSISTANT}


class Unsayable(Exception):
    """The contract has no place for it, nor may options bring it in."""


@dataclass
class Asked:
    """A request as a caller says it, and how its model wants to hear it."""

    request: pb.ChatRequest
    options: Body = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        return Dialect(signed_calls=False, **self.knobs)


def asked(body: Body, provider: str) -> Asked:
    """What a caller says to have `provider` sent that body. Raises Unsayable."""
    found = Asked(pb.ChatRequest(model="fast"))
    left = {name: value for name, value in body.items() if value is not None}
    left.pop("model", None)
    system = left.pop("systemInstruction", None)
    if system:
        found.request.messages.add(role=pb.ROLE_SYSTEM, parts=[pb.Part(text=part["text"]) for part in system["parts"]])
    _read_contents(left.pop("contents"), provider, found)
    _read_tools(left, found)
    generation = dict(left.pop("generationConfig", {}))
    _read_generation(generation, found)
    found.options = left | ({"generationConfig": generation} if generation else {})
    if found.options:
        found.request.provider_options[provider] = json.dumps(found.options)
    return found


def _read_contents(contents: list[Body], provider: str, found: Asked) -> None:
    calls: deque[str] = deque()
    for content in contents:
        if content["role"] not in SAID:
            raise Unsayable(f"a turn of {content['role']}")
        message = found.request.messages.add(role=SAID[content["role"]])
        for part in content["parts"]:
            if "functionResponse" in part:
                message.role = pb.ROLE_TOOL
                text = json.dumps(part["functionResponse"]["response"])
                message.parts.add(tool_result=pb.ToolResult(tool_call_id=calls.popleft(), text=text))
                continue
            read = message.parts.add()
            _read_part(part, read, calls)
            if signature := part.get("thoughtSignature"):
                state = json.dumps({"thoughtSignature": signature}).encode()
                read.provider_state.CopyFrom(pb.ProviderState(issuer=provider, data=state))


def _read_part(part: Body, read: pb.Part, calls: deque[str]) -> None:
    match part:
        case {"text": text}:
            read.text = text
        case {"functionCall": call}:
            calls.append(f"call_{len(calls)}")
            read.tool_call.CopyFrom(
                pb.ToolCall(id=calls[-1], name=call["name"], arguments_json=json.dumps(call["args"]))
            )
        case {"inlineData": {"mimeType": kind, "data": data}}:
            media = read.image if kind.startswith("image/") else read.file
            media.CopyFrom(pb.Media(media_type=kind, data=urlsafe_b64decode(data.replace("+", "-").replace("/", "_"))))
        case {"fileData": {"mimeType": kind, "fileUri": uri}}:
            read.image.CopyFrom(pb.Media(media_type=kind, url=uri))
        case _:
            raise Unsayable(f"a part of {sorted(part)}")


def _read_tools(left: Body, found: Asked) -> None:
    """Tools that are no functions are Google's own, and then so are the list and what is said of it."""
    tools = left.get("tools") or []
    if not all("functionDeclarations" in tool for tool in tools):
        return
    left.pop("tools", None)
    for tool in tools:
        for function in tool["functionDeclarations"]:
            found.knobs["json_schemas"] = "parameters" not in function
            schema = function.get("parametersJsonSchema", function.get("parameters"))
            found.request.tools.add(
                name=function["name"], description=function["description"], parameters_json=json.dumps(_plain(schema))
            )
    match left.pop("toolConfig", None):
        case None:
            pass
        case {"functionCallingConfig": {"mode": mode, **more}} if not more:
            found.request.tool_choice.mode = MODES[mode]
        case other:
            found.request.tool_choice.mode = MODES[other["functionCallingConfig"]["mode"]]
            left["toolConfig"] = other


def _plain(schema: Any) -> Any:
    """Google's `Schema` as JSON Schema: its types are in capitals, or numbers."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    numbers = {1: "string", 6: "object"}
    plain = {name: _plain(value) for name, value in schema.items()}
    kind = schema.get("type")
    if isinstance(kind, int):
        plain["type"] = numbers[kind]
    elif isinstance(kind, str):
        plain["type"] = kind.lower()
    return plain


def _read_generation(left: Body, found: Asked) -> None:
    for theirs, ours in NUMBERS.items():
        if theirs in left:
            number = left.pop(theirs)
            setattr(found.request, ours, int(number) if ours == "top_k" else number)
    found.request.stop.extend(left.pop("stopSequences", []))
    if left.get("responseMimeType") == "application/json":
        del left["responseMimeType"]
        schema = left.pop("responseJsonSchema")
        found.request.response_format.json_schema.CopyFrom(
            pb.JsonSchemaFormat(name="answer", schema_json=json.dumps(schema))
        )
    _read_thinking(left, found)


def _read_thinking(left: Body, found: Asked) -> None:
    thinking = left.pop("thinkingConfig", {})
    budget = thinking.get("thinkingBudget", thinking.get("thinking_budget"))
    if budget is not None:
        found.request.reasoning.budget_tokens = budget
        found.knobs["thinking"] = Thinking.BUDGET
    if level := thinking.get("thinkingLevel"):
        found.request.reasoning.effort = LEVELS[level]
    shown = thinking.get("includeThoughts", thinking.get("include_thoughts"))
    if shown is not None:
        found.request.reasoning.include_text = shown
