"""Reads a request body the way a strict provider does: into a `Question`, or a `Refusal`."""

import hashlib
from collections.abc import Mapping

import orjson

from service.simulator.conversation import read_messages
from service.simulator.offers import read_toolbox
from service.simulator.parameters import check_parameters
from service.simulator.question import Question, Schema
from service.simulator.refusal import Refusal, wrong_value


def read_question(body: bytes, deployment: str | None = None) -> Question:
    """The question that the request asks; raises `Refusal`. Azure's address names the model, as `deployment`."""
    given = _parsed(body)
    if deployment is not None:
        given = {"model": deployment, **given}
    check_parameters(given)
    options = given.get("stream_options")
    return Question(
        model=str(given["model"]),
        digest=_digest(given),
        messages=read_messages(given["messages"]),
        toolbox=read_toolbox(given),
        schema=_schema(given.get("response_format")),
        max_tokens=_max_tokens(given),
        stop=_stop(given.get("stop")),
        stream=given.get("stream") is True,
        include_usage=isinstance(options, Mapping) and options.get("include_usage") is True,
    )


def _parsed(body: bytes) -> Mapping[str, object]:
    try:
        given: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(f"The body is not valid JSON: {error}.", None, "invalid_json") from error
    if not isinstance(given, dict):
        raise Refusal("The body must be a JSON object.", None, "invalid_type")
    return given


def _digest(given: Mapping[str, object]) -> str:
    """Names what is asked, however the answer is to come."""
    asked = {key: value for key, value in given.items() if key not in ("stream", "stream_options")}
    try:
        return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
    except orjson.JSONEncodeError as error:
        raise Refusal("The body is nested too deeply.", None, "invalid_json") from error


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
