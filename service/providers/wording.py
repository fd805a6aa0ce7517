"""What a model is told in plain words where a protocol has none of its own."""

from mainstay import v1 as pb

AN_OBJECT = "Answer with a JSON object and nothing else."


def following(wanted: pb.JsonSchemaFormat) -> str:
    """That the answer shall follow a schema."""
    return f"Answer with JSON and nothing else. It follows this JSON Schema ({wanted.name}):\n{wanted.schema_json}"
