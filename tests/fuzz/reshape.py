"""Puts something of the wrong kind somewhere into the JSON of a body, which stays JSON as far as that allows."""

from random import Random
from typing import Any

import orjson

from tests.fuzz.strange import DEEP, KEYS, TYPES, VALUES

_HERE = "<something strange>"
_DATA = b"data: "


def reshape(rng: Random, body: bytes, other: bytes) -> bytes:
    """Changes one place of one event, or of the whole body where it is no stream."""
    start, end = _some_json(rng, body)
    try:
        parsed = orjson.loads(body[start:end])
    except orjson.JSONDecodeError:
        return body
    places = list(_places(parsed))
    if not places:
        return body
    _change(rng, *rng.choice(places))
    try:
        changed = orjson.dumps(parsed)
    except orjson.JSONEncodeError:  # an earlier damage has nested it more deeply than orjson writes
        return body
    strange = rng.choice((*VALUES, *TYPES)) if rng.random() < 0.95 else rng.choice(DEEP)
    return body[:start] + changed.replace(orjson.dumps(_HERE), strange) + body[end:]


def _some_json(rng: Random, body: bytes) -> tuple[int, int]:
    """Where one event's JSON begins and ends."""
    at = body.find(_DATA, rng.randrange(len(body)))
    at = body.find(_DATA) if at < 0 else at
    if at < 0:
        return 0, len(body)
    start = at + len(_DATA)
    end = body.find(b"\n", start)
    return start, len(body) if end < 0 else end


def _places(parsed: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys."""
    found: list[tuple[Any, Any]] = []
    left = [parsed]
    while left:
        match holder := left.pop():
            case dict():
                found += [(holder, key) for key in holder]
                left += holder.values()
            case list():
                found += [(holder, index) for index in range(len(holder))]
                left += holder
    return found


def _change(rng: Random, holder: Any, key: Any) -> None:
    match rng.randrange(8):
        case 0:
            del holder[key]
        case 1:
            holder[key] = [holder[key]] * rng.randrange(1, 4)
        case 2:
            holder[key] = {rng.choice(KEYS): holder[key]}
        case 3 if isinstance(holder, list):
            holder.insert(key, holder[key])
        case 3:
            holder[rng.choice(KEYS)] = holder[key]
        case 4 if isinstance(holder, dict):
            holder[rng.choice(KEYS)] = _HERE
        case _:
            holder[key] = _HERE
