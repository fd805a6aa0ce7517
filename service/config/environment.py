"""The environment: variables that files may name, and `MAINSTAY__SECTION__FIELD`, which is the top layer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from service.config.problems import Place, Problem
from service.config.tree import Node, merge

PREFIX = "MAINSTAY__"


@dataclass(frozen=True, slots=True)
class Environment:
    """The process's variables over those of a `.env` file. Never written back."""

    process: Mapping[str, str] = field(repr=False)
    dotenv: Mapping[str, str] = field(repr=False)

    @property
    def variables(self) -> Mapping[str, str]:
        return {**self.dotenv, **self.process}

    def place(self, name: str) -> Place:
        """Where a variable was set."""
        return Place(f"{'environment' if name in self.process else '.env'} {name}")


def read_environment(process: Mapping[str, str], dotenv: Path | None, problems: list[Problem]) -> Environment:
    """Both sources of variables. `$` in `.env` means itself: expanding it would read `os.environ`."""
    if dotenv is None:
        return Environment(process, {})
    try:
        content = dotenv.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        problems.append(Problem(Place(str(dotenv)), (), "cannot be read as UTF-8 text"))
        return Environment(process, {})
    return Environment(process, dict(_assignments(content, dotenv.name, problems)))


def _assignments(content: str, file: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    for binding in parse_stream(StringIO(content)):
        unassigned = binding.key is not None and binding.value is None
        if binding.error or unassigned:
            line = binding.original.line + binding.original.string.count("\n", 0, _blank(binding.original.string))
            problems.append(Problem(Place(file, line), (), "is not NAME=value; a value with quotes needs both of them"))
        elif binding.key is not None and binding.value is not None:
            yield binding.key, binding.value


def _blank(text: str) -> int:
    """How many characters of white space it begins with."""
    return len(text) - len(text.lstrip())


def overlay(below: Node, environment: Environment, problems: list[Problem]) -> Node:
    """`below` with every `MAINSTAY__…` variable over it."""
    tree = below
    variables = {name: text for name, text in environment.variables.items() if name.startswith(PREFIX)}
    for name, text in sorted(variables.items()):
        place = environment.place(name)
        parts = name.removeprefix(PREFIX).lower().split("__")
        if not all(parts):
            problems.append(Problem(place, (), f"is not written {PREFIX}SECTION__FIELD"))
        elif deeper := next((other for other in variables if other.startswith(f"{name}__")), None):
            problems.append(Problem(place, (), f"and {deeper} exclude each other: set one of them"))
        else:
            tree = merge(tree, _layer(tree, parts, _value(text, place), place))
    return tree


def _layer(below: Node | None, parts: list[str], leaf: Node, place: Place) -> Node:
    if not parts:
        return leaf
    mapping = below.value if below and isinstance(below.value, dict) else {}
    # A variable's name holds no dash: an existing key that differs only in that is the one that is meant.
    key = next((key for key in mapping if key.lower().replace("-", "_") == parts[0]), parts[0])
    return Node({key: _layer(mapping.get(key), parts[1:], leaf, place)}, place)


def _value(text: str, place: Place) -> Node:
    """Text as it is, so that a key may hold anything; `[a, b]` is a list and `null` is null, as in YAML."""
    if text == "null":
        return Node(None, place)
    if text.startswith("[") and text.endswith("]"):
        items = [item.strip() for item in text[1:-1].split(",")]
        return Node([Node(item, place, literal=True) for item in items if item], place)
    return Node(text, place, literal=True)
