"""What was written, before it means anything: mappings, lists and texts that remember their place."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from service.config.problems import KeyPath, Place

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | None"


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it was written.

    Every scalar is text: the field that receives it knows whether `no` is a word or a boolean.
    """

    value: "dict[str, Node] | list[Node] | str | None" = field(repr=False)
    place: Place
    literal: bool = False
    """Whether `${` in the text means itself."""
    variables: tuple[str, ...] = ()
    """The names of those that were put into the text."""


def merge(lower: Node, upper: Node) -> Node:
    """`upper` over `lower`: mappings are joined key by key, everything else is replaced."""
    if not isinstance(lower.value, dict) or not isinstance(upper.value, dict):
        return upper
    joined = dict(lower.value)
    for key, node in upper.value.items():
        joined[key] = merge(joined[key], node) if key in joined else node
    return replace(lower, value=joined)


def find(root: Node, path: KeyPath) -> Node | None:
    """The node at a path, if there is one."""
    node: Node | None = root
    for part in path:
        match node.value if node else None, part:
            case dict() as mapping, str():
                node = mapping.get(part)
            case list() as items, int() if part < len(items):
                node = items[part]
            case _:
                return None
    return node


def place_of(root: Node, path: KeyPath) -> Place:
    """Where the value at a path was written; if it is missing, where the nearest value around it was."""
    while path:
        if node := find(root, path):
            return node.place
        path = path[:-1]
    return root.place


def plain(node: Node) -> Plain:
    """The values alone."""
    match node.value:
        case dict() as mapping:
            return {key: plain(child) for key, child in mapping.items()}
        case list() as items:
            return [plain(child) for child in items]
        case text:
            return text
