"""What models do, by name: always the same, or, those of the ways, only where the question says that they break."""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import orjson

from tests.soak import answers

PACE = 0.02
LATE, STALL = 2.0, 3.0
"""Seconds: beyond what the routes allow."""
DOWN, EVERY = 2.0, 20.0
_BREAKS = re.compile(rb"break (\d+)")


class Wire(Protocol):
    """What a model may do to whoever asks."""

    def send(self, data: bytes) -> None:
        """Now."""

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """If the other side is still there by then."""

    def hang_up(self) -> None:
        """After what was sent."""

    def reset(self) -> None:
        """At once, rudely."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as manners go."""

    model: str
    body: bytes

    @property
    def streamed(self) -> bool:
        return b'"stream":true' in self.body

    @property
    def number(self) -> bytes | None:
        """Which call it is, if it is to be broken."""
        found = _BREAKS.search(self.body)
        return found[1] if found else None

    @property
    def begun(self) -> str:
        """What the conversation already has of the answer."""
        if b'"assistant"' not in self.body:
            return ""
        last = orjson.loads(self.body)["messages"][-1]
        return str(last["content"]) if last["role"] == "assistant" else ""


Manner = Callable[[Wire, Asked], None]


def as_it_should(wire: Wire, asked: Asked) -> None:
    """Goes on with what there is of our text, if there is any."""
    if not asked.begun:
        wire.send(answers.STREAM if asked.streamed else answers.WHOLE)
        return
    rest = answers.TEXT.removeprefix(asked.begun)
    if asked.streamed:
        wire.send(answers.OPENING + answers.text(rest) + answers.FINISH + answers.DONE + answers.END)
    else:
        wire.send(answers.whole(rest))


def _says(data: bytes) -> Manner:
    return lambda wire, _: wire.send(data)


def _silent(wire: Wire, asked: Asked) -> None:
    """Until the other side hangs up."""


def _resets(wire: Wire, asked: Asked) -> None:
    wire.reset()


def _late(wire: Wire, asked: Asked) -> None:
    wire.later(LATE, lambda: as_it_should(wire, asked))


def _some(asked: Asked) -> bytes:
    if asked.streamed:
        return answers.OPENING + b"".join(answers.TOKENS[: answers.SHOWN])
    return answers.WHOLE[: len(answers.WHOLE) // 2]


def _cuts(wire: Wire, asked: Asked) -> None:
    wire.send(_some(asked))
    wire.hang_up()


def _stalls(wire: Wire, asked: Asked) -> None:
    all_of_it, some = answers.STREAM if asked.streamed else answers.WHOLE, _some(asked)
    wire.send(some)
    wire.later(STALL, lambda: wire.send(all_of_it[len(some) :]))


def _drips(wire: Wire, asked: Asked) -> None:
    wire.send(answers.OPENING)
    _drip(wire)


def _drip(wire: Wire) -> None:
    wire.send(answers.TOKENS[0])
    wire.later(PACE, lambda: _drip(wire))


def _babbles(wire: Wire, asked: Asked) -> None:
    if asked.streamed:
        wire.send(answers.STREAM.replace(answers.FINISH, answers.chunk(b'{"choices": [{') + answers.FINISH))
    else:
        wire.send(answers.response("200 OK", b'{"choices": [{'))


def _not_done(wire: Wire, asked: Asked) -> None:
    wire.send(answers.STREAM.replace(answers.DONE, b""))


def _held_open(wire: Wire, asked: Asked) -> None:
    wire.send(answers.STREAM.removesuffix(answers.DONE + answers.END))


def _no_prefix(wire: Wire, asked: Asked) -> None:
    (_NO_PREFIX if asked.begun else as_it_should)(wire, asked)


def _down_now_and_then(wire: Wire, asked: Asked) -> None:
    (_resets if time.time() % EVERY < DOWN else as_it_should)(wire, asked)


BROKEN = Counter[str]()
"""Answers that were broken because the question said so, by model."""


def _if_told(breaks: Manner) -> Manner:
    def manner(wire: Wire, asked: Asked) -> None:
        if asked.number:
            BROKEN[asked.model] += 1
        (breaks if asked.number else as_it_should)(wire, asked)

    return manner


def _once(breaks: Manner) -> Manner:
    """The first time that a call asks."""
    broken, break_it = set[bytes](), _if_told(breaks)

    def manner(wire: Wire, asked: Asked) -> None:
        if asked.number and asked.number not in broken:
            broken.add(asked.number)
            break_it(wire, asked)
        else:
            as_it_should(wire, asked)

    return manner


_FAILS = _says(answers.refusal("500 Internal Server Error", "server_error"))
_LIMITS = _says(answers.refusal("429 Too Many Requests", "rate_limit_exceeded"))
_NO_PREFIX = _says(answers.refusal("400 Bad Request", "prefix_not_supported"))
_FILTERS = _if_told(_says(answers.refusal("400 Bad Request", "content_filter")))
MANNERS: Mapping[str, Manner] = {
    "fails": _FAILS,
    "fails-too": _FAILS,
    "limits": _says(answers.refusal("429 Too Many Requests", "rate_limit_exceeded", "retry-after: 600")),
    "cuts": _cuts,
    "babbles": _babbles,
    "dawdles": _silent,
    "drips": _drips,
    "no-prefix": _no_prefix,
    "s01": _once(_says(answers.refusal("429 Too Many Requests", "rate_limit_exceeded", "retry-after-ms: 200"))),
    "s02": _if_told(_LIMITS),
    "s03": _once(_FAILS),
    "s04": _if_told(_says(answers.refusal("503 Service Unavailable", "overloaded"))),
    "s05": _if_told(_resets),
    "s06": _if_told(_silent),
    "s07": _if_told(_late),
    "s08": _if_told(_cuts),
    "s09": _if_told(_stalls),
    "s10": _if_told(_babbles),
    "s11": _if_told(_not_done),
    "s11-held": _if_told(_held_open),
    "s12": _if_told(_says(answers.refusal("400 Bad Request", "context_length_exceeded"))),
    "s13": _FILTERS,
    "filters": _FILTERS,
    "s14": _if_told(_resets),
    "s14-mid": _if_told(_cuts),
    "s15": _down_now_and_then,
    "s16": _if_told(_says(answers.refusal("502 Bad Gateway", "bad_gateway"))),
}
"""Whoever is not named here does as it should."""
