"""Writes the conversation in the protocol's words."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from mainstay import v1 as pb
from service.providers.fitting import expect_fitting
from service.providers.opaque import block_of, is_anothers
from service.providers.openai.dialect import EmptyContent, ReasoningBack
from service.providers.openai.history import Calls
from service.providers.openai.listener import Listener
from service.providers.openai.media import file_of, image_of
from service.providers.openai.state import add_state
from service.providers.refusals import invalid, unsupported
from service.providers.values import Json

_ROLES: Mapping[pb.Role.ValueType, str] = {
    pb.ROLE_USER: "user",
    pb.ROLE_ASSISTANT: "assistant",
}


def messages_of(messages: Sequence[pb.Message], instruction: str, listener: Listener) -> list[Json]:
    """Every message as the protocol has it; results of tools stand right behind their calls. Raises Failure.

    The instruction, unless empty, follows the standing instructions that stand first.
    """
    written: list[Json] = []
    calls = Calls(messages, listener)
    for place, message in enumerate(messages):
        path = f"messages[{place}]"
        if message.role == pb.ROLE_TOOL:
            if message.name:
                listener.drops(f"{path}.name", "results of tools have no names in this protocol")
            continue
        if said := _spoken(message, path, calls.of(place), listener):
            written.append(said)
        written += calls.results(place)
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


def _spoken(message: pb.Message, path: str, calls: list[Json], listener: Listener) -> Json:
    """A message of anybody but a tool; empty if nothing is left of it for this listener."""
    if plain := _plainly(message, listener):
        return plain
    parts = _Parts(message, path, listener)
    said: Json = {"role": parts.role, "content": parts.content()}
    if message.name:
        _add_name(said, message.name, f"{path}.name", listener)
    if message.role != pb.ROLE_ASSISTANT:
        return said
    if calls:
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
        self._is_anothers = listener.dialect.reasoning_back is not ReasoningBack.NEVER and is_anothers(
            message, listener
        )
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

    def add_thoughts(self, said: Json) -> None:
        """Puts thoughts where the dialect has them, and the state of all parts but calls beside them."""
        dialect = self._listener.dialect
        back, calls = dialect.reasoning_back, "tool_calls" in said
        is_wanted = back is ReasoningBack.ALWAYS or (back is ReasoningBack.TOOL_TURNS and calls)
        if is_wanted and (thoughts := self._thoughts() or (dialect.reasoning_placeholder if calls else "")):
            said[dialect.reasoning_back_field] = thoughts
        for part, path in self._parts:
            if not part.HasField("tool_call"):
                add_state(said, part, path, self._listener)

    def _thoughts(self) -> str:
        """The model's own; those of another are not put into its mouth."""
        thoughts = [(part.reasoning.text, path) for part, path in self._parts if part.reasoning.text]
        if not self._is_anothers:
            return "".join(text for text, _ in thoughts)
        for _, path in thoughts:
            self._listener.drops(f"{path}.reasoning", "thoughts go back to the provider that had them only")
        return ""


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
