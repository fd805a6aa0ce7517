"""Puts arguments together that come value by value, as Vertex streams them when it is asked to.

    {"jsonPath": "$.place.name", "stringValue": "Bos", "willContinue": true}

A text goes on with each further piece for its path; lists grow by one element at a time.
"""

import re
from itertools import pairwise
from typing import TypeAlias

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.values import Json, word_of

MOST_STEPS = 64
MOST_HELD = 1 << 20
"""Characters of texts and paths that one call may hold."""

_STEP = re.compile(r"""\.(?P<name>[^.\[\]]+)|\[(?P<index>[0-9]{1,6})\]|\[(['"])(?P<quoted>.*?)\3\]""", re.DOTALL)
_Holder: TypeAlias = dict[str, object] | list[object]


class _Text:
    """A text in the making."""

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        self.pieces: list[str] = []


class Arguments:
    """The arguments of one call, as far as they came."""

    def __init__(self, begun: Json) -> None:
        self._root: _Holder = dict(begun)
        self._held = 0

    def add(self, fragment: Json) -> None:
        """Takes in one value. Raises Failure for a path that leads nowhere."""
        path = word_of(fragment.get("jsonPath"))
        self._held += len(path) + len(word_of(fragment.get("stringValue")))
        steps = _steps(path)
        if not steps or self._held > MOST_HELD:
            raise _astray()
        holder = self._root
        for step, following in pairwise(steps):
            inner = _member(holder, step)
            if inner is None:
                inner = [] if isinstance(following, int) else {}
                _put(holder, step, inner)
            if not isinstance(inner, dict | list):
                raise _astray()
            holder = inner
        _say(holder, steps[-1], fragment)

    def text(self) -> str:
        """The arguments as JSON. Raises Failure if they cannot be written."""
        try:
            return orjson.dumps(self._root, default=lambda text: "".join(text.pieces)).decode()
        except orjson.JSONEncodeError as cause:
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds JSON that is nested too deeply") from cause


def _say(holder: _Holder, step: str | int, fragment: Json) -> None:
    if "stringValue" not in fragment:
        number, truth = fragment.get("numberValue"), fragment.get("boolValue")
        value = number if isinstance(number, int | float) else truth if isinstance(truth, bool) else None
        return _put(holder, step, value)
    text = _member(holder, step)
    if not isinstance(text, _Text):
        text = _Text()
        _put(holder, step, text)
    text.pieces.append(word_of(fragment["stringValue"]))
    return None


def _steps(path: str) -> list[str | int]:
    """The names and indexes of a path; empty if it cannot be read."""
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None or len(steps) == MOST_STEPS:
            return []
        steps.append(int(found["index"]) if found["index"] else found["name"] or found["quoted"] or "")
        at = found.end()
    return steps if path.startswith("$") else []


def _member(holder: _Holder, step: str | int) -> object:
    if isinstance(holder, dict):
        return holder.get(step) if isinstance(step, str) else None
    return holder[step] if isinstance(step, int) and step < len(holder) else None


def _put(holder: _Holder, step: str | int, value: object) -> None:
    if isinstance(holder, dict) and isinstance(step, str):
        holder[step] = value
    elif isinstance(holder, list) and isinstance(step, int) and step <= len(holder):
        holder[step : step + 1] = [value]
    else:
        raise _astray()


def _astray() -> Failure:
    return Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds a fragment of a tool call that fits nowhere")
