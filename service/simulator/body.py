"""The JSON of a request, and what names it."""

import hashlib
from collections.abc import Container, Mapping

import orjson

from service.simulator.refusal import Refusal


def parsed(body: bytes) -> Mapping[str, object]:
    """The object that `body` is; raises `Refusal`."""
    try:
        given: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(f"The body is not valid JSON: {error}.", None, "invalid_json") from error
    if not isinstance(given, dict):
        raise Refusal("The body must be a JSON object.", None, "invalid_type")
    return given


def digest(given: Mapping[str, object], but: Container[str] = ()) -> str:
    """Names what is asked; keys in `but` say only how the answer is to come."""
    asked = {key: value for key, value in given.items() if key not in but}
    try:
        return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
    except orjson.JSONEncodeError as error:
        raise Refusal("The body is nested too deeply.", None, "invalid_json") from error
