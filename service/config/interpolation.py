"""`${NAME}` and `${NAME:-default}` in values; `$${` stands for `${`."""

import re
from collections.abc import Mapping
from dataclasses import replace

from service.config.problems import KeyPath, Problem
from service.config.tree import Node

_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
_INSIDE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
_MALFORMED = "write ${NAME} or ${NAME:-default}, not nested; for a plain '${' write '$${'"


def interpolate(node: Node, variables: Mapping[str, str], problems: list[Problem], path: KeyPath = ()) -> Node:
    """The tree with variables put into its texts, once: what a variable holds is never parsed."""
    match node.value:
        case dict() as mapping:
            children = {key: interpolate(child, variables, problems, (*path, key)) for key, child in mapping.items()}
            return replace(node, value=children)
        case list() as items:
            filled = [interpolate(child, variables, problems, (*path, i)) for i, child in enumerate(items)]
            return replace(node, value=filled)
        case str() as text if "${" in text and not node.literal:
            return _fill(node, text, variables, problems, path)
    return node


def _fill(node: Node, text: str, variables: Mapping[str, str], problems: list[Problem], path: KeyPath) -> Node:
    names: list[str] = []

    def value_of(reference: re.Match[str]) -> str:
        if reference[0] == "$${":
            return "${"
        inside = _INSIDE.fullmatch(reference[1]) if reference[2] else None
        if inside is None or "${" in (inside[2] or ""):
            problems.append(Problem(node.place, path, _MALFORMED))
            return ""
        name, default = inside.groups()
        names.append(name)
        if default is not None:
            return variables.get(name) or default
        if name not in variables:
            problems.append(Problem(node.place, path, f"the variable {name} is not set"))
        return variables.get(name, "")

    filled = _REFERENCE.sub(value_of, text)
    return replace(node, value=filled, literal=True, variables=tuple(names))
