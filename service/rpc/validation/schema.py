"""Rules for JSON Schemas, by looking at them: cheap, whatever their callers have written. Nothing is compiled here."""

from collections.abc import Iterable, Iterator

from service.rpc import limits
from service.rpc.validation.violations import Violations

_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_NAMES = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose members are names of the caller's, each with a schema."""
_VALUES = frozenset({"const", "enum", "default", "example", "examples"})
"""Keywords whose values are no schemas."""
_HOLDING = (dict, list)


def check_schema(field: str, text: str, violations: Violations) -> None:
    """Adds what is wrong with a schema that answers are to be held against."""
    schema = _object(field, text, violations)
    if schema is None or not any(keyword in text for keyword in _REFERENCES):
        return  # one that is written with escapes is found when the schema is compiled, which fetches nothing either
    for reference in _references(schema):
        if not (isinstance(reference, str) and reference.startswith("#")):
            shown = repr(reference)[:64]
            violations.add(field, f"refers to {shown}: nothing is fetched; put it into $defs and refer to #/$defs/…")
            return


def check_parameters(field: str, text: str, violations: Violations) -> None:
    """Adds what is wrong with the schema of a tool, which is handed on and nothing is held against."""
    _object(field, text, violations)


def _object(field: str, text: str, violations: Violations) -> dict[str, object] | None:
    schema = violations.json_object(field, text, limits.SCHEMA_CHARACTERS)
    if schema is not None and text.count("{") + text.count("[") > limits.SCHEMA_LEVELS and _is_deep([schema]):
        violations.add_limit(field, f"is nested too deeply; the limit is {limits.SCHEMA_LEVELS} levels")
        return None
    return schema


def _is_deep(level: list[object]) -> bool:
    """Whether there are more levels, of objects and lists that are not empty, than there may be."""
    for _ in range(limits.SCHEMA_LEVELS):
        level = [child for value in level for child in _children(value) if child and isinstance(child, _HOLDING)]
        if not level:
            return False
    return True


def _children(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _references(schema: dict[str, object]) -> Iterator[object]:
    """The values of all keywords that refer to a schema."""
    below: list[object] = [schema]
    while below:
        value = below.pop()
        if isinstance(value, list):
            below += [item for item in value if item and isinstance(item, _HOLDING)]
            continue
        for keyword, member in value.items() if isinstance(value, dict) else ():
            if keyword in _REFERENCES:
                yield member
            elif keyword in _NAMES and isinstance(member, dict):
                below.extend(member.values())
            elif keyword not in _VALUES and isinstance(member, _HOLDING):
                below.append(member)
