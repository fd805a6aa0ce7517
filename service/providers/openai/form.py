"""Writes the form that the answer shall have, in the protocol's words or in plain ones."""

from mainstay import v1 as pb
from service.providers.openai.listener import Listener
from service.providers.refusals import invalid
from service.providers.schemas import embedded
from service.providers.values import Json
from service.providers.wording import AN_OBJECT, following

_OBJECT: Json = {"response_format": {"type": "json_object"}}
_PATH = "response_format"


def form_of(request: pb.ChatRequest, listener: Listener) -> tuple[Json, str]:
    """What goes into the body, and an instruction for the model, empty if none is needed. Raises Failure."""
    if not request.HasField("response_format"):
        return {}, ""
    match request.response_format.WhichOneof("format"):
        case "json_object":
            return _some_object(request, listener)
        case "json_schema":
            return _schema(request.response_format.json_schema, listener)
        case _:
            raise invalid(_PATH, "is not set")


def _some_object(request: pb.ChatRequest, listener: Listener) -> tuple[Json, str]:
    if not listener.dialect.json_object:
        listener.downgrades(f"{_PATH}.json_object", "to an instruction")
        return {}, AN_OBJECT
    if listener.dialect.json_word and not _says_json(request):
        listener.downgrades(f"{_PATH}.json_object", "with an instruction beside it: this provider demands the word")
        return _OBJECT, AN_OBJECT
    return _OBJECT, ""


def _says_json(request: pb.ChatRequest) -> bool:
    return any("json" in part.text.lower() for message in request.messages for part in message.parts)


def _schema(wanted: pb.JsonSchemaFormat, listener: Listener) -> tuple[Json, str]:
    path = f"{_PATH}.json_schema"
    schema: Json = {"name": wanted.name, "schema": embedded(wanted.schema_json, f"{path}.schema_json")}
    if not listener.dialect.json_schema:
        instead = "json_object and an instruction" if listener.dialect.json_object else "an instruction"
        listener.downgrades(path, f"to {instead}")
        return _OBJECT if listener.dialect.json_object else {}, following(wanted)
    if wanted.HasField("strict"):
        if listener.refuses(f"{path}.strict"):
            listener.drops(f"{path}.strict")
        else:
            schema["strict"] = wanted.strict
    return {"response_format": {"type": "json_schema", "json_schema": schema}}, ""
