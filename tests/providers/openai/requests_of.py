"""Turns a recorded body back into the request that a caller of ours would have sent, and the dialect that fits."""

import json
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

from mainstay import v1 as pb
from service.providers.openai.dialect import Dialect, EmptyContent, ReasoningBack, ReasoningStyle

Body = dict[str, Any]

SAME = ("temperature", "top_p", "top_k", "presence_penalty", "frequency_penalty", "parallel_tool_calls")
LIMITS = ("max_tokens", "max_completion_tokens")
SEEDS = ("seed", "random_seed")
OURS = {"model", "messages", "stream", "stream_options", *SAME, *LIMITS, *SEEDS}
"""Never an option: the contract or the wire has a place for it."""
ROLES = {
    "system": pb.ROLE_SYSTEM,
    "developer": pb.ROLE_SYSTEM,
    "user": pb.ROLE_USER,
    "assistant": pb.ROLE_ASSISTANT,
    "tool": pb.ROLE_TOOL,
}
MODES = {
    "auto": pb.TOOL_MODE_AUTO,
    "none": pb.TOOL_MODE_NONE,
    "required": pb.TOOL_MODE_REQUIRED,
    "any": pb.TOOL_MODE_REQUIRED,
}
EFFORTS = {
    "none": pb.REASONING_EFFORT_OFF,
    "minimal": pb.REASONING_EFFORT_MINIMAL,
    "low": pb.REASONING_EFFORT_LOW,
    "medium": pb.REASONING_EFFORT_MEDIUM,
    "high": pb.REASONING_EFFORT_HIGH,
}
SWITCHES = {
    True: pb.ReasoningOptions(effort=pb.REASONING_EFFORT_MEDIUM),
    False: pb.ReasoningOptions(effort=pb.REASONING_EFFORT_OFF),
}


class Unsayable(Exception):
    """The contract has no place for it, nor may options bring it in."""


@dataclass
class Asked:
    """A request as a caller says it, and how its provider wants to hear it."""

    request: pb.ChatRequest
    options: Body = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)

    @property
    def dialect(self) -> Dialect:
        return Dialect(**self.knobs)


def asked(body: Body, provider: str) -> Asked:
    """What a caller says to have `provider` sent that body. Raises Unsayable."""
    found = Asked(pb.ChatRequest(model="fast"))
    _read_messages(body["messages"], provider, found)
    left = {name: value for name, value in body.items() if value is not None}
    for name in SAME:
        if isinstance(left.get(name), str):
            raise Unsayable(f"{name} as a text")
        if name in left:
            setattr(found.request, name, left[name])
    found.knobs["top_k"] = "top_k" in left
    found.knobs["stream_options"] = "stream_options" in left
    _read_limits(left, found)
    _read_tools(left, found)
    _read_form(left, found)
    _read_reasoning(left, found)
    stop = left.pop("stop", [])
    found.request.stop.extend([stop] if isinstance(stop, str) else stop)
    found.request.end_user = left.pop("user", "")
    found.options = {name: value for name, value in left.items() if name not in OURS and (name, value) != ("n", 1)}
    if found.options:
        found.request.provider_options[provider] = json.dumps(found.options)
    return found


def _read_limits(left: Body, found: Asked) -> None:
    for name in LIMITS:
        if name in left:
            found.request.max_output_tokens = left.pop(name)
            found.knobs["max_tokens_field"] = name
    for name in SEEDS:
        if name in left:
            found.request.seed = left.pop(name)
            found.knobs["seed_field"] = name


def _read_tools(left: Body, found: Asked) -> None:
    """Tools that are no functions are the provider's own, and then so is the list."""
    if all(tool.get("type", "function") == "function" for tool in left.get("tools", [])):
        found.request.tools.extend(_tool(tool["function"]) for tool in left.pop("tools", []))
    match left.pop("tool_choice", None):
        case str(mode):
            found.request.tool_choice.mode = MODES[mode]
            found.knobs["required_word"] = "any" if mode == "any" else "required"
        case {"type": "function", "function": {"name": name}}:
            found.request.tool_choice.tool_name = name
        case None:
            pass
        case other:
            left["tool_choice"] = other


def _tool(function: Body) -> pb.Tool:
    return pb.Tool(
        name=function["name"],
        description=function.get("description") or "",
        parameters_json=json.dumps(function["parameters"]),
        strict=function.get("strict"),
    )


def _read_form(left: Body, found: Asked) -> None:
    match left.pop("response_format", None):
        case {"type": "json_object"}:
            found.request.response_format.json_object.SetInParent()
        case {"type": "json_schema", "json_schema": schema}:
            found.request.response_format.json_schema.CopyFrom(
                pb.JsonSchemaFormat(
                    name=schema.get("name", ""), schema_json=json.dumps(schema["schema"]), strict=schema.get("strict")
                )
            )
        case {"type": "text"} | None:
            pass
        case other:
            raise AssertionError(other)


def _read_reasoning(left: Body, found: Asked) -> None:
    def take(style: ReasoningStyle, options: pb.ReasoningOptions, name: str, *efforts: str) -> None:
        del left[name]
        found.request.reasoning.CopyFrom(options)
        found.knobs |= {"reasoning": style, "efforts": efforts}

    match left:
        case {"thinking": {"type": "enabled", **more}, "reasoning_effort": str(word)} if not more:
            del left["reasoning_effort"]
            take(ReasoningStyle.THINKING, pb.ReasoningOptions(effort=EFFORTS[word]), "thinking", word)
        case {"thinking": {"type": "enabled" | "disabled" as how, **more}} if not more:
            take(ReasoningStyle.THINKING, SWITCHES[how == "enabled"], "thinking")
        case {"enable_thinking": bool(on)}:
            take(ReasoningStyle.ENABLE_THINKING, SWITCHES[on], "enable_thinking")
        case {"reasoning": {"enabled": True}}:
            take(ReasoningStyle.OBJECT, SWITCHES[True], "reasoning")
        case {"reasoning": {"effort": str(word)}}:
            take(ReasoningStyle.OBJECT, pb.ReasoningOptions(effort=EFFORTS[word]), "reasoning", word)
        case {"reasoning": {"max_tokens": int(tokens)}}:
            take(ReasoningStyle.OBJECT, pb.ReasoningOptions(budget_tokens=tokens), "reasoning")
        case {"reasoning_effort": str(word)}:
            take(ReasoningStyle.EFFORT, pb.ReasoningOptions(effort=EFFORTS[word]), "reasoning_effort", word)


def _read_messages(messages: list[Body], provider: str, found: Asked) -> None:
    for message in messages:
        if message["role"] == "developer":
            found.knobs["system_role"] = "developer"
        read = found.request.messages.add(role=ROLES[message["role"]])
        if message["role"] == "tool":
            content = message["content"]
            if not isinstance(content, str):
                raise Unsayable("the result of a tool in parts")
            read.parts.add(tool_result=pb.ToolResult(tool_call_id=message["tool_call_id"], text=content))
            continue
        read.name = message.get("name") or ""
        _read_thoughts(message, provider, read, found)
        _read_content(message, read, found)
        for call in message.get("tool_calls") or ():
            function = call["function"]
            read.parts.add(
                tool_call=pb.ToolCall(id=call["id"], name=function["name"], arguments_json=function["arguments"])
            )
        if message.get("tool_calls") and not message.get("content"):
            empty = EmptyContent.NULL if message.get("content", "") is None else EmptyContent.EMPTY
            found.knobs["empty_content"] = empty if "content" in message else EmptyContent.ABSENT


def _read_thoughts(message: Body, provider: str, read: pb.Message, found: Asked) -> None:
    if thoughts := message.get("reasoning_content"):
        read.parts.add(reasoning=pb.Reasoning(text=thoughts))
        found.knobs["reasoning_back"] = ReasoningBack.ALWAYS
    if details := message.get("reasoning_details"):
        state = pb.ProviderState(issuer=provider, data=json.dumps({"reasoning_details": details}).encode())
        read.parts.add(reasoning=pb.Reasoning(), provider_state=state)


def _read_content(message: Body, read: pb.Message, found: Asked) -> None:
    if "images" in message:
        raise Unsayable("pictures beside the content, which is Ollama's own protocol")
    pieces = message.get("content") or []
    if isinstance(pieces, str):
        pieces = [{"type": "text", "text": pieces}]
    for piece in pieces:
        part = read.parts.add()
        match piece:
            case {"type": "text", "text": text}:
                part.text = text
            case {"type": "image_url", "image_url": picture}:
                part.image.CopyFrom(_picture(picture))
            case {"type": "file", "file": file}:
                part.file.CopyFrom(_media(file["file_data"], filename=file.get("filename")))
            case _:
                raise Unsayable(f"a piece of type {piece.get('type')}")
        if piece.get("cache_control") or message.get("cache_control"):
            part.cache_breakpoint = True
            found.knobs["cache_control"] = True


def _picture(picture: str | Body) -> pb.Media:
    if isinstance(picture, str):
        return _media(picture)
    return _media(picture["url"], detail=picture.get("detail"))


def _media(url: str, **fields: Any) -> pb.Media:
    if not url.startswith("data:"):
        return pb.Media(url=url, **fields)
    media_type, _, data = url.removeprefix("data:").partition(";base64,")
    return pb.Media(data=b64decode(data, validate=True), media_type=media_type, **fields)
