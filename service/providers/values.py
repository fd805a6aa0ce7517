"""Reads values out of a provider's JSON, in which anything may stand anywhere."""

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure

Json = dict[str, object]
MOST = 1 << 53
"""No count is larger; sums stay far within int64."""


def text_of(value: object) -> str:
    """A text as it is, null as "", and any other JSON as the text of that JSON. Raises Failure."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError as cause:
        raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds JSON that is nested too deeply") from cause


def word_of(value: object) -> str:
    """A text as it is, and "" for anything else."""
    return value if isinstance(value, str) else ""


def object_of(value: object) -> Json:
    """An object as it is, and an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects_of(value: object) -> list[Json]:
    """The objects of a list, and an empty list for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def count_of(value: object) -> int | None:
    """A count as it is, and None for anything else."""
    return value if type(value) is int and 0 <= value <= MOST else None
