"""Every setting there is, as its field describes it: for `mainstayd settings` and docs/configuration.md."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from service.config.degradation import Texts
from service.config.environment import PREFIX
from service.config.notation import default_of, kind_of, range_of
from service.config.settings import Settings

NAME = "NAME"
"""In a path: the name of a provider, route or model, which whoever writes the file chooses."""
ENTRY = "0"
"""In a path: a position in a list."""
_UNITS = re.compile(r", (?:in seconds|as a count(?: of bytes)?),?")
"""What the kind says here: times and sizes are written with their unit."""
_ENTRIES: Mapping[object, tuple[str, ...]] = {dict: (NAME,), tuple: (ENTRY,)}
_Section = type[BaseModel]


@dataclass(frozen=True, slots=True)
class Setting:
    """One field: where it stands, how it is written, and what it is if nobody writes it."""

    path: str
    kind: str
    default: str
    limits: str
    """Empty: none."""
    variable: str
    """Of the environment; empty: it can be written in a file only."""
    sentence: str

    def __str__(self) -> str:
        told = (self.kind, self.limits, f"default {self.default}" if self.default != "required" else self.default)
        return "\n  ".join(filter(None, (self.path, self.sentence, "; ".join(filter(None, told)), self.variable)))


def reference() -> Iterator[Setting]:
    """Of all sections, in their order."""
    return _of_section(Settings, ())


def _of_section(section: _Section, above: Sequence[str], defaults: object = None) -> Iterator[Setting]:
    for name, field in section.model_fields.items():
        default = _default(field) if defaults is None else getattr(defaults, name)
        below, entries = _section_in(field.annotation)
        if below is None:
            yield _setting((*above, name), field, default)
        else:
            yield from _of_section(below, (*above, name, *entries), default if isinstance(default, below) else None)


def _default(field: FieldInfo) -> object:
    return ... if field.is_required() else field.get_default(call_default_factory=True)


def _section_in(annotation: object) -> tuple[_Section | None, tuple[str, ...]]:
    """The section that a field holds, if it does; and how one of them is called, if it holds many."""
    if annotation is Texts:
        return None, ()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ()
    for argument in get_args(annotation):
        section, entries = _section_in(argument)
        if section is not None:
            return section, (*_ENTRIES.get(get_origin(annotation), ()), *entries)
    return None, ()


def _setting(path: Sequence[str], field: FieldInfo, default: object) -> Setting:
    kind = kind_of(field.annotation, field.metadata)
    return Setting(
        path=".".join(path),
        kind=kind,
        default=default_of(default, kind),
        limits=range_of(field.metadata, kind),
        variable=_variable(path, kind),
        sentence=_UNITS.sub("", field.description or ""),
    )


def _variable(path: Sequence[str], kind: str) -> str:
    """Positions in lists, names of models and keys of mappings can be written in files only."""
    in_file_only = ENTRY in path or "models" in path or kind == "mapping"
    return "" if in_file_only else PREFIX + "__".join(path).upper()
