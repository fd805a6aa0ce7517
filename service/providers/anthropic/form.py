"""Writes the form that the answer shall have, in the protocol's words or in plain ones."""

import orjson

from mainstay import v1 as pb
from service.providers.anthropic.closed import StaysOpen, closed
from service.providers.anthropic.listener import Listener
from service.providers.refusals import invalid
from service.providers.schemas import embedded
from service.providers.values import Json
from service.providers.wording import AN_OBJECT, following

_PATH = "response_format"


def form_of(request: pb.ChatRequest, listener: Listener) -> tuple[Json, str]:
    """What goes into `output_config`, and an instruction for the model, empty if none is needed. Raises Failure."""
    if not request.HasField("response_format"):
        return {}, ""
    match request.response_format.WhichOneof("format"):
        case "json_object":
            listener.downgrades(f"{_PATH}.json_object", "to an instruction")
            return {}, AN_OBJECT
        case "json_schema":
            return _schema(request.response_format.json_schema, listener)
        case _:
            raise invalid(_PATH, "is not set")


def _schema(wanted: pb.JsonSchemaFormat, listener: Listener) -> tuple[Json, str]:
    """The protocol has no name for a schema, and is always strict about it."""
    path = f"{_PATH}.json_schema"
    fragment = embedded(wanted.schema_json, f"{path}.schema_json")
    if not listener.dialect.json_schema:
        listener.downgrades(path, "to an instruction")
        return {}, following(wanted)
    given = orjson.loads(wanted.schema_json)
    try:
        schema = closed(given)
    except StaysOpen:
        listener.downgrades(path, "to an instruction: this provider takes objects only if all their members are named")
        return {}, following(wanted)
    if schema != given:
        listener.clamps(f"{path}.schema_json", "objects without other members than those named")
    if wanted.HasField("strict") and not wanted.strict:
        listener.drops(f"{path}.strict", "this provider always keeps to the schema")
    return {"format": {"type": "json_schema", "schema": fragment if schema == given else schema}}, ""
