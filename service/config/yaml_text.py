"""YAML, read for what is written: scalars are text or null, nothing is constructed, nothing explodes."""

import re
from dataclasses import dataclass

import yaml

from service.config.problems import KeyPath, Place, Problem
from service.config.tree import Node

MAX_BYTES = 2**20
"""A configuration file may be this long."""
_MAX_NODES = 20_000
_MAX_DEPTH = 16
_TAG = "tag:yaml.org,2002:"
_TEXT = _TAG + "str"
_SCALARS = frozenset(_TAG + kind for kind in ("str", "null", "bool", "int", "float", "timestamp"))
_QUOTED = re.compile(r"'([^']*)'")


def parse_yaml(content: bytes, source: str, problems: list[Problem]) -> Node | None:
    """The tree of a document, None if it is empty or unusable. `problems` never quote the content."""
    if len(content) > MAX_BYTES:
        problems.append(Problem(Place(source), (), f"is over {MAX_BYTES // 2**20} MiB"))
        return None
    try:
        root = yaml.compose(content.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        problems.append(Problem(Place(source), (), "is not UTF-8 text"))
    except RecursionError:
        problems.append(Problem(Place(source), (), "is nested too deeply"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        problems.append(Problem(Place(source, line), (), f"is not YAML: {_detail(error)}"))
    except yaml.YAMLError:
        problems.append(Problem(Place(source), (), "is not YAML: it holds control characters"))
    else:
        return _Reading(source, problems).read(root) if root else None
    return None


class _TooLarge(Exception):
    """The tree that the text stands for is out of bounds."""


@dataclass(slots=True)
class _Reading:
    source: str
    problems: list[Problem]
    nodes: int = 0

    def read(self, root: yaml.Node) -> Node | None:
        if isinstance(root, yaml.ScalarNode) and _is_null(root):
            return None
        if not isinstance(root, yaml.MappingNode):
            self._complain(root, (), "must be a mapping of 'key: value' lines")
            return None
        before = len(self.problems)
        try:
            tree = self._node(root, ())
        except _TooLarge as refusal:
            self._complain(root, (), str(refusal))
            return None
        return tree if len(self.problems) == before else None

    def _node(self, node: yaml.Node, path: KeyPath) -> Node:
        # An alias stands for all that it names, so a short text can hold a huge or endless tree.
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            raise _TooLarge(f"holds more than {_MAX_NODES} values")
        if len(path) > _MAX_DEPTH:
            raise _TooLarge(f"is nested more than {_MAX_DEPTH} deep")
        place = Place(self.source, node.start_mark.line + 1)
        match node:
            case yaml.MappingNode(tag=tag) if tag == _TAG + "map":
                return Node(self._mapping(node, path), place)
            case yaml.SequenceNode(tag=tag) if tag == _TAG + "seq":
                items = [self._node(item, (*path, index)) for index, item in enumerate(node.value)]
                return Node(items, place)
            case yaml.ScalarNode(tag=tag) if tag in _SCALARS:
                return Node(None if _is_null(node) else node.value, place)
        self._complain(node, path, "has a YAML tag, and tags are not allowed")
        return Node(None, place)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Node]:
        mapping: dict[str, Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != _TEXT:
                self._complain(key, path, "has a key that is not text: put it in quotes")
            elif key.value in mapping:
                first = mapping[key.value].place.line
                self._complain(key, (*path, key.value), f"is there twice, first on line {first}")
            else:
                mapping[key.value] = self._node(value, (*path, key.value))
        return mapping

    def _complain(self, node: yaml.Node, path: KeyPath, message: str) -> None:
        self.problems.append(Problem(Place(self.source, node.start_mark.line + 1), path, message))


def _is_null(node: yaml.ScalarNode) -> bool:
    return node.tag == _TAG + "null"


def _detail(error: yaml.MarkedYAMLError) -> str:
    # str(error) shows the line itself, and some messages quote an alias or a tag: either may be a key.
    harmless = _QUOTED.sub(_without_words, error.problem or "")
    hint = "; inside { } and [ ] put ${NAME} in quotes" if "flow" in (error.context or "") else ""
    return harmless + hint


def _without_words(quoted: re.Match[str]) -> str:
    return quoted[0] if len(quoted[1]) <= 2 or quoted[1].startswith("<") else "'…'"
