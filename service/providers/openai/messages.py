"""Writes the conversation in the protocol's words."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from mainstay import v1 as pb
from service.providers.fitting import expect_fitting
from service.providers.opaque import block_of
from service.providers.openai.dialect import EmptyContent, ReasoningBack
from service.providers.openai.listener import Listener
from service.providers.openai.media import file_of, image_of
from service.providers.openai.state import add_state
from service.providers.refusals import invalid, unsupported
from service.providers.values import Json

_ROLES: Mapping[pb.Role.ValueType, str] = {
    pb.ROLE_USER: "user",
    pb.ROLE_ASSISTANT: "assistant",
    pb.ROLE_TOOL: "tool",
}


def messages_of(messages: Sequence[pb.Message], instruction: str, listener: Listener) -> list[Json]:
    """Every message as the protocol has it; results of tools become one message each. Raises Failure.

    The instruction, unless empty, follows the standing instructions that stand first.
    """
    written: list[Json] = []
    pictures: list[Json] = []
    """Of results; nothing may come between the results of one turn, so they wait for its end."""
    for place, message in enumerate(messages):
        path = f"messages[{place}]"
        if message.role == pb.ROLE_TOOL:
            written += _results(message, path, pictures, listener)
            continue
        _show(written, pictures)
        if said := _spoken(message, path, listener):
            written.append(said)
    _show(written, pictures)
    _mark_prefill(written, listener)
    if instruction:
        _instruct(written, instruction, listener)
    return written


def _instruct(written: list[Json], instruction: str, listener: Listener) -> None:
    system = listener.dialect.system_role
    place = next((i for i, said in enumerate(written) if said["role"] != system), len(written))
    written.insert(place, {"role": system, "content": instruction})


def _mark_prefill(written: list[Json], listener: Listener) -> None:
    if (mark := listener.dialect.prefill_field) and written:
        last = written[-1]
        if last["role"] == "assistant" and "tool_calls" not in last:
            last[mark] = True


def _spoken(message: pb.Message, path: str, listener: Listener) -> Json:
    """A message of anybody but a tool; empty if nothing is left of it for this listener."""
    if plain := _plainly(message, listener):
        return plain
    parts = _Parts(message, path, listener)
    said: Json = {"role": parts.role, "content": parts.content()}
    if message.name:
        _add_name(said, message.name, f"{path}.name", listener)
    if message.role != pb.ROLE_ASSISTANT:
        return said
    if calls := parts.calls():
        said["tool_calls"] = calls
    parts.add_thoughts(said)
    if said["content"] or not message.parts:
        return said
    if said.keys() <= {"role", "content", "name"} and parts.only_thoughts:
        return {}
    return _without_content(said, listener) if calls else said


def _plainly(message: pb.Message, listener: Listener) -> Json:
    """A message that is one text and no more, as most are; empty if it is not."""
    if message.role == pb.ROLE_ASSISTANT or message.name or len(message.parts) != 1:
        return {}
    part = message.parts[0]
    if not part.text or part.cache_breakpoint:
        return {}
    role = listener.dialect.system_role if message.role == pb.ROLE_SYSTEM else _ROLES.get(message.role)
    return {"role": role, "content": part.text} if role else {}


def _without_content(said: Json, listener: Listener) -> Json:
    match empty := listener.dialect.empty_content:
        case EmptyContent.EMPTY:
            return said
        case EmptyContent.NULL:
            return said | {"content": None}
        case EmptyContent.ABSENT:
            return {name: value for name, value in said.items() if name != "content"}
        case _:
            assert_never(empty)


def _add_name(said: Json, name: str, path: str, listener: Listener) -> None:
    if listener.refuses("messages.name"):
        listener.drops(path)
    else:
        said["name"] = name


class _Parts:
    """The parts of one message, once all of them are known to be sayable. Raises Failure."""

    def __init__(self, message: pb.Message, path: str, listener: Listener) -> None:
        self.role = listener.dialect.system_role if message.role == pb.ROLE_SYSTEM else _ROLES.get(message.role, "")
        if not self.role:
            raise invalid(f"{path}.role", "is not set")
        self._listener = listener
        self._parts = [(part, f"{path}.parts[{place}]") for place, part in enumerate(message.parts)]
        for part, where in self._parts:
            expect_fitting(message.role, part, where)

    @property
    def only_thoughts(self) -> bool:
        """Nothing was said aloud, or only what another provider understands."""
        return all(part.WhichOneof("content") in ("reasoning", "provider_block") for part, _ in self._parts)

    def content(self) -> str | list[Json]:
        """One text as a string, which every vendor takes; more as parts; nothing as ""."""
        pieces = [piece for part, path in self._parts if (piece := _piece(part, path, self._listener)) is not None]
        if self._listener.dialect.flatten_text:
            return "\n".join(str(piece["text"]) for piece in pieces)
        if not pieces:
            return ""
        text = pieces[0].get("text")
        return text if len(pieces) == 1 and pieces[0].keys() == {"type", "text"} and isinstance(text, str) else pieces

    def calls(self) -> list[Json]:
        """The tool calls, each with its state."""
        calls = []
        for part, path in self._parts:
            if part.HasField("tool_call"):
                calls.append(call := _tool_call(part.tool_call))
                add_state(call, part, path, self._listener)
        return calls

    def add_thoughts(self, said: Json) -> None:
        """Puts thoughts where the dialect has them, and the state of all parts but calls beside them."""
        dialect = self._listener.dialect
        back, calls = dialect.reasoning_back, "tool_calls" in said
        if back is ReasoningBack.ALWAYS or (back is ReasoningBack.TOOL_TURNS and calls):
            thoughts = "".join(part.reasoning.text for part, _ in self._parts if part.HasField("reasoning"))
            if thoughts := thoughts or (dialect.reasoning_placeholder if calls else ""):
                said[dialect.reasoning_back_field] = thoughts
        for part, path in self._parts:
            if not part.HasField("tool_call"):
                add_state(said, part, path, self._listener)


def _piece(part: pb.Part, path: str, listener: Listener) -> Json | None:
    """What of the part stands in the content, or None."""
    match kind := part.WhichOneof("content"):
        case "text":
            piece: Json | None = {"type": "text", "text": part.text}
        case "image":
            piece = image_of(part.image, f"{path}.image", listener)
        case "file":
            piece = file_of(part.file, f"{path}.file", listener)
        case "provider_block":
            piece = block_of(part.provider_block, f"{path}.provider_block", listener)
        case _:
            return None
    if piece is not None and kind != "text" and listener.dialect.flatten_text:
        raise unsupported(f"{path}.{kind}", "this provider takes text only")
    if piece is not None and part.cache_breakpoint and listener.dialect.cache_control:
        piece["cache_control"] = {"type": "ephemeral"}
    return piece


def _tool_call(call: pb.ToolCall) -> Json:
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments_json},
    }


def _results(message: pb.Message, path: str, pictures: list[Json], listener: Listener) -> list[Json]:
    """A message for each result; its pictures inside where that is possible, else put on the pile."""
    if message.name:
        listener.drops(f"{path}.name", "results of tools have no names in this protocol")
    results = []
    for place, part in enumerate(message.parts):
        where = f"{path}.parts[{place}]"
        expect_fitting(message.role, part, where)
        results.append(_result(part, where, pictures, listener))
    return results


def _result(part: pb.Part, path: str, pictures: list[Json], listener: Listener) -> Json:
    """The protocol has no word for a tool that failed; the text says it."""
    result = part.tool_result
    content = _piece(pb.Part(text=result.text, cache_breakpoint=part.cache_breakpoint), path, listener) or {}
    shown = [
        image_of(image, f"{path}.tool_result.images[{place}]", listener) for place, image in enumerate(result.images)
    ]
    said: Json = {"role": "tool", "tool_call_id": result.tool_call_id, "content": result.text}
    if shown and listener.dialect.flatten_text:
        raise unsupported(f"{path}.tool_result.images", "this provider takes text only")
    if shown and not listener.dialect.tool_images:
        listener.downgrades(f"{path}.tool_result.images", "shown in a user message behind the results")
        pictures += [{"type": "text", "text": f"Pictures in the result of tool call {result.tool_call_id}:"}, *shown]
        shown = []
    if shown or (content.keys() > {"type", "text"} and not listener.dialect.flatten_text):
        said["content"] = [content, *shown]
    return said


def _show(written: list[Json], pictures: list[Json]) -> None:
    if pictures:
        written.append({"role": "user", "content": pictures.copy()})
        pictures.clear()
