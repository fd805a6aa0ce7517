"""Writes the form that the answer shall have, in the protocol's words or in plain ones."""

from mainstay import v1 as pb
from service.providers.gemini.listener import Listener
from service.providers.gemini.schemas import in_googles_words
from service.providers.refusals import invalid
from service.providers.schemas import embedded
from service.providers.values import Json
from service.providers.wording import AN_OBJECT, following

_JSON: Json = {"responseMimeType": "application/json"}
_PATH = "response_format"


def form_of(request: pb.ChatRequest, listener: Listener) -> tuple[Json, list[str]]:
    """What goes into `generationConfig`, and instructions for the model where no word says it. Raises Failure."""
    if not request.HasField("response_format"):
        return {}, []
    dialect = listener.dialect
    sayable = dialect.json_form and (dialect.json_with_tools or not request.tools)
    match request.response_format.WhichOneof("format"):
        case "json_object" if sayable:
            return _JSON, []
        case "json_object":
            listener.downgrades(f"{_PATH}.json_object", "to an instruction")
            return {}, [AN_OBJECT]
        case "json_schema":
            return _schema(request.response_format.json_schema, listener, sayable=sayable)
        case _:
            raise invalid(_PATH, "is not set")


def _schema(wanted: pb.JsonSchemaFormat, listener: Listener, *, sayable: bool) -> tuple[Json, list[str]]:
    """The schema's name is a label that Google has no place for; that it must be kept is how it is always meant."""
    path = f"{_PATH}.json_schema"
    schema = embedded(wanted.schema_json, f"{path}.schema_json")
    if not sayable:
        listener.downgrades(path, "to an instruction")
        return {}, [following(wanted)]
    if listener.dialect.json_schemas:
        return _JSON | {"responseJsonSchema": schema}, []
    return _JSON | {"responseSchema": in_googles_words(wanted.schema_json, f"{path}.schema_json", listener)}, []
