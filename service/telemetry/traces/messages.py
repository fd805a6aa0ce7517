"""Messages as JSON, the way OpenTelemetry's conventions for generative AI have them, within a bound.

Source: open-telemetry/semantic-conventions-genai, model/gen-ai/gen-ai-input-messages.json and …-output-messages.json.
System messages stay where they stand: the conventions want instructions apart only where they come apart.
"""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

import orjson

from mainstay import v1 as pb
from service.telemetry.traces.bounds import CONTENT_CHARACTERS

TEXT_CHARACTERS = 4000
"""Of one text; what is longer is cut, and says by how much."""
ROOM = CONTENT_CHARACTERS - 256
"""Left for the note on what was left out."""

_ROLES = {number: name.removeprefix("ROLE_").lower() for name, number in pb.Role.items()}

Clean = Callable[[str], str]
"""Takes credentials out of a text."""
Json = Mapping[str, object]


def as_json(messages: Iterable[pb.Message], clean: Clean) -> str:
    """An array of them, in order. Where there is no room for all, the latest are kept and the number of others told."""
    kept: list[str] = []
    used = omitted = 0
    for message in reversed(list(messages)):
        text = "" if omitted else orjson.dumps(_message(message, clean)).decode()
        if not text or used + len(text) > ROOM:
            omitted += 1
            continue
        kept.append(text)
        used += len(text) + 1
    if omitted:
        kept.append(orjson.dumps({"role": "system", "parts": [{"type": "omitted", "messages": omitted}]}).decode())
    return f"[{','.join(reversed(kept))}]"


def _message(message: pb.Message, clean: Clean) -> Json:
    said: dict[str, object] = {"role": _ROLES[message.role], "parts": [_part(part, clean) for part in message.parts]}
    if message.name:
        said["name"] = _cut(clean(message.name))
    return said


def _part(part: pb.Part, clean: Clean) -> Json:
    match part.WhichOneof("content"):
        case "text":
            return {"type": "text", "content": _cut(clean(part.text))}
        case "reasoning":
            return {"type": "reasoning", "content": _cut(clean(part.reasoning.text))}
        case "tool_call":
            call = part.tool_call
            arguments = _cut(clean(call.arguments_json))
            return {"type": "tool_call", "id": call.id, "name": call.name, "arguments": arguments}
        case "tool_result":
            result = part.tool_result
            return {"type": "tool_call_response", "id": result.tool_call_id, "response": _cut(clean(result.text))}
        case "image":
            return _media(part.image, "image", clean)
        case "file":
            return _media(part.file, "document", clean)
        case _:
            return {"type": "opaque"}  # what only its issuer can read


def _media(media: pb.Media, modality: str, clean: Clean) -> Json:
    """Where it is, or of what is inline how large: never the bytes."""
    about = {"modality": modality, "mime_type": media.media_type}
    match media.WhichOneof("source"):
        case "data":
            return {"type": "blob", **about, "content": f"{len(media.data)} bytes"}
        case "url" if media.url.startswith("data:"):
            return {"type": "blob", **about, "content": f"{len(media.url)} characters"}
        case "url":
            parts = urlsplit(media.url)  # signatures stand in the query
            return {"type": "uri", **about, "uri": _cut(clean(f"{parts.scheme}://{parts.hostname}{parts.path}"))}
        case _:
            return {"type": "file", **about, "file_id": _cut(clean(media.provider_file_id))}


def _cut(text: str) -> str:
    over = len(text) - TEXT_CHARACTERS
    return text if over <= 0 else f"{text[:TEXT_CHARACTERS]}… and {over} more characters"
