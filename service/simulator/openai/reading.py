"""Reads a request body the way a strict provider does: into a `Question`, or a `Refusal`."""

from collections.abc import Mapping

from service.simulator.body import digest, parsed
from service.simulator.openai.conversation import read_messages
from service.simulator.openai.offers import read_toolbox
from service.simulator.openai.parameters import check_parameters
from service.simulator.openai.refusals import wrong_value
from service.simulator.openai.thinking import check_thoughts, thinks
from service.simulator.question import Question, Schema


def read_question(body: bytes, deployment: str | None = None) -> Question:
    """The question that the request asks; raises `Refusal`. Azure's address names the model, as `deployment`."""
    given = parsed(body)
    if deployment is not None:
        given = {"model": deployment, **given}
    check_parameters(given)
    messages = read_messages(given["messages"])
    check_thoughts(given)
    options = given.get("stream_options")
    return Question(
        model=str(given["model"]),
        digest=digest(given, but=("stream", "stream_options")),
        messages=messages,
        toolbox=read_toolbox(given),
        schema=_schema(given.get("response_format")),
        max_tokens=_max_tokens(given),
        stop=_stop(given.get("stop")),
        stream=given.get("stream") is True,
        include_usage=isinstance(options, Mapping) and options.get("include_usage") is True,
        thinks=thinks(given),
    )


def _max_tokens(given: Mapping[str, object]) -> int | None:
    limits = (given.get("max_tokens"), given.get("max_completion_tokens"))
    return min((limit for limit in limits if isinstance(limit, int)), default=None)


def _stop(given: object) -> tuple[str, ...]:
    words = given if isinstance(given, list) else [given]
    return tuple(word for word in words if isinstance(word, str))


def _schema(given: object) -> Schema | None:
    """What the answer's JSON has to look like; None for plain text."""
    match given:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return {"type": "object", "properties": {"answer": {}}, "required": ["answer"]}
        case {"type": "json_schema", "json_schema": {"schema": {**schema}}}:
            return {str(key): value for key, value in schema.items()}
        case _:
            raise wrong_value("response_format", "type text, json_object or json_schema with its schema")
