"""Turns a recorded body back into the request that a caller of ours would have sent, and the dialect that fits."""

import json
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

from mainstay import v1 as pb
from service.providers.anthropic.dialect import Dialect, Thinking

Body = dict[str, Any]

ISSUER = "vendor"
OURS = {"model", "messages", "stream", "max_tokens"}
"""Never an option: the contract or the wire has a place for it."""
MODES = {"auto": pb.TOOL_MODE_AUTO, "none": pb.TOOL_MODE_NONE, "any": pb.TOOL_MODE_REQUIRED}
ROLES = {"user": pb.ROLE_USER, "assistant": pb.ROLE_ASSISTANT}


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


def asked(body: Body) -> Asked:
    """What a caller says to have `vendor` sent that body. Raises Unsayable."""
    left = {name: value for name, value in body.items() if value is not None}
    found = Asked(pb.ChatRequest(model="fast", max_output_tokens=left["max_tokens"]))
    for block in _blocks(left.pop("system", [])):
        message = found.request.messages.add(role=pb.ROLE_SYSTEM)
        _read_text(block, message.parts.add())
    for turn in body["messages"]:
        _read_turn(turn, found.request)
    for name in ("temperature", "top_p", "top_k"):
        if name in left:
            setattr(found.request, name, left.pop(name))
    found.request.stop.extend(left.pop("stop_sequences", []))
    _read_tools(left, found)
    _read_form(left, found)
    _read_thinking(left, found)
    if "anthropic_version" in left:
        found.knobs |= {"model_in_body": False, "extra": {"anthropic_version": left.pop("anthropic_version")}}
    found.options = {name: value for name, value in left.items() if name not in OURS}
    if found.options:
        found.request.provider_options[ISSUER] = json.dumps(found.options)
    return found


def _blocks(content: str | list[Body]) -> list[Body]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _read_turn(turn: Body, request: pb.ChatRequest) -> None:
    """A turn of the user's with results is two messages here."""
    blocks = _blocks(turn["content"])
    results = [block for block in blocks if block["type"] == "tool_result"]
    if results:
        message = request.messages.add(role=pb.ROLE_TOOL)
        for block in results:
            _read_result(block, message.parts.add())
    if others := [block for block in blocks if block["type"] != "tool_result"]:
        message = request.messages.add(role=ROLES[turn["role"]])
        for block in others:
            _read_block(block, message.parts.add(), turn["role"])


def _read_block(block: Body, part: pb.Part, role: str) -> None:
    match block:
        case {"type": "text"}:
            _read_text(block, part)
        case {"type": "image", "source": source}:
            part.image.CopyFrom(_media(source))
        case {"type": "document", "source": source, **more}:
            if more.keys() - {"type", "title"}:
                raise Unsayable(f"a document with {', '.join(sorted(more.keys() - {'type', 'title'}))}")
            part.file.CopyFrom(_media(source))
            part.file.filename = more.get("title", "")
        case {"type": "thinking", "thinking": text, "signature": signature}:
            part.reasoning.text = text
            part.provider_state.CopyFrom(_state(signature=signature))
        case {"type": "tool_use", "id": id, "name": name, "input": input}:
            part.tool_call.CopyFrom(pb.ToolCall(id=id, name=name, arguments_json=json.dumps(input)))
        case _ if role == "assistant":
            part.provider_block.CopyFrom(pb.ProviderBlock(issuer=ISSUER, json=json.dumps(block)))
        case _:
            raise Unsayable(f"a block of type {block['type']}")


def _read_text(block: Body, part: pb.Part) -> None:
    part.text = block["text"]
    part.cache_breakpoint = "cache_control" in block


def _read_result(block: Body, part: pb.Part) -> None:
    content = block.get("content", "")
    if not isinstance(content, str):
        if [piece["type"] for piece in content] != ["text"]:
            raise Unsayable("a result of several pieces")
        content = content[0]["text"]
    part.tool_result.CopyFrom(
        pb.ToolResult(tool_call_id=block["tool_use_id"], text=content, is_error=bool(block.get("is_error")))
    )
    part.cache_breakpoint = "cache_control" in block


def _media(source: Body) -> pb.Media:
    match source:
        case {"type": "base64", "media_type": media_type, "data": data}:
            return pb.Media(media_type=media_type, data=b64decode(data))
        case {"type": "text", "media_type": media_type, "data": data}:
            return pb.Media(media_type=media_type, data=data.encode())
        case {"type": "url", "url": url}:
            return pb.Media(url=url)
    raise Unsayable(f"a source of type {source['type']}")


def _state(**members: Any) -> pb.ProviderState:
    return pb.ProviderState(issuer=ISSUER, data=json.dumps(members).encode())


def _read_tools(left: Body, found: Asked) -> None:
    """Tools that the provider runs itself, or that more is said of, are its own, and then so is the list."""
    if all(tool.keys() <= {"name", "description", "input_schema", "strict"} for tool in left.get("tools", [])):
        found.request.tools.extend(_tool(tool) for tool in left.pop("tools", []))
    match left.pop("tool_choice", None) if found.request.tools else None:
        case {"type": "tool", "name": name}:
            found.request.tool_choice.tool_name = name
        case {"type": mode, **more}:
            found.request.tool_choice.mode = MODES[mode]
            if "disable_parallel_tool_use" in more:
                found.request.parallel_tool_calls = not more["disable_parallel_tool_use"]
        case None:
            pass


def _tool(tool: Body) -> pb.Tool:
    return pb.Tool(
        name=tool["name"],
        description=tool.get("description") or "",
        parameters_json=json.dumps(tool["input_schema"]),
        strict=tool.get("strict"),
    )


def _read_form(left: Body, found: Asked) -> None:
    match left.get("output_config"):
        case {"format": {"type": "json_schema", "schema": schema}, **more} if not more:
            del left["output_config"]
            found.request.response_format.json_schema.CopyFrom(
                pb.JsonSchemaFormat(name="answer", schema_json=json.dumps(schema))
            )
            found.knobs["json_schema"] = True


def _read_thinking(left: Body, found: Asked) -> None:
    match left.get("thinking"):
        case {"type": "enabled", "budget_tokens": int(tokens), **more} if more.keys() <= {"display"}:
            del left["thinking"]
            found.request.reasoning.budget_tokens = tokens
            found.knobs |= {"thinking": Thinking.BUDGET, "display": "display" in more}
            if "display" in more:
                found.request.reasoning.include_text = more["display"] == "summarized"
