"""The text form of faults, in model names, scenario files and at the control endpoint.

    model  := name ( "+" item )*                 chat+tokens(60)+cut(40)
    item   := word | word "(" arg ( "," arg )* ")"
    faults := item ( "+" item )*

The words stand in `words` (`mainstayd simulate --help` prints them). Those of `CONDITIONS` wrap faults
and count the requests with that very model name; they belong into model names only, because scenario
rules say `first`, `every` and `probability` themselves.
"""

from dataclasses import dataclass

from service.simulator.conditions import Conditional
from service.simulator.faults import Fault
from service.simulator.quantities import ScriptError
from service.simulator.words import CONDITIONS, WORDS

_MAX_NAME = 2_000


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model name taken apart; `text` is the name as it was sent."""

    text: str
    base: str
    items: tuple[Fault | Conditional, ...]


def parse_model(text: str) -> ModelName:
    """The parts of a model name; raises `ScriptError`."""
    if len(text) > _MAX_NAME:
        raise ScriptError(f"a model name has at most {_MAX_NAME} characters")
    base, *items = _split(text, "+")
    return ModelName(text, base, tuple(_item(item) for item in items))


def parse_faults(text: str) -> tuple[Fault, ...]:
    """The faults of a chain such as `delay(1)+status(500)`; raises `ScriptError`."""
    return tuple(_fault(item) for item in _split(text, "+"))


def _item(text: str) -> Fault | Conditional:
    word, arguments = _call(text)
    if word not in CONDITIONS:
        return _fault(text)
    if len(arguments) < 2:
        raise ScriptError(f"'{text}': expected {CONDITIONS[word].usage}")
    return Conditional(CONDITIONS[word].read(arguments[0]), parse_faults(",".join(arguments[1:])))


def _fault(text: str) -> Fault:
    word, arguments = _call(text)
    if word not in WORDS:
        raise ScriptError(f"unknown fault '{word}'; known: {', '.join(WORDS)}")
    known = WORDS[word]
    if not known.least <= len(arguments) <= known.most:
        raise ScriptError(f"'{text}': expected {known.usage}")
    return known.read(arguments)


def _call(text: str) -> tuple[str, list[str]]:
    word, bracket, rest = text.strip().partition("(")
    if not bracket:
        return word, []
    if not rest.endswith(")"):
        raise ScriptError(f"'{text}': expected ')' at the end")
    return word, [part.strip() for part in _split(rest[:-1], ",")]


def _split(text: str, separator: str) -> list[str]:
    """`text` cut at each separator outside brackets."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            raise ScriptError(f"'{text}': ')' without '('")
        if character == separator and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    if depth:
        raise ScriptError(f"'{text}': '(' without ')'")
    return [*parts, text[start:]]
