"""The tables of `docs/logs.md`, and what is wrong with a line by them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.telemetry.limit import IDENTITY
from tests.docs.tables import DOCS, rows

TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "text or null": (str, type(None)),
    "integer": (int,),
    "number": (int, float),
    "list": (list,),
    "list of text": (list,),
}
GENERAL = ("timestamp", "level", "event")


@dataclass(frozen=True)
class Event:
    """A row of the table of events."""

    levels: frozenset[str]
    fields: frozenset[str]
    """Those that are always there."""
    sometimes: frozenset[str]


class Schema:
    """What the page says."""

    def __init__(self) -> None:
        table = list(rows(DOCS / "logs.md"))
        self.types = {_plain(row["field"]): TYPES[row["type"]] for row in table if "type" in row}
        self.events = {_plain(row["event"]): _event(row) for row in table if "event" in row}

    def wrongs(self, line: Mapping[str, Any]) -> Iterator[str]:
        """In words; none: the line is as the page says."""
        event = self.events.get(line["event"])
        if event is None:
            yield f"no event {line['event']!r}"
            return
        if line["level"] not in event.levels:
            yield f"{line['event']}: level {line['level']}"
        names = set(line) - set(GENERAL)
        if "repeated" in names:
            yield from (f"{line['event']}, repeated: {name}" for name in names - {"repeated", *IDENTITY})
        else:
            yield from (f"{line['event']}: field {name}" for name in names - event.fields - event.sometimes)
            yield from (f"{line['event']}: no {name}" for name in event.fields - names)
        for name, value in line.items():
            if not isinstance(value, self.types.get(name, ())) or isinstance(value, bool):
                yield f"{line['event']}: {name} is {value!r}"


def _event(row: Mapping[str, str]) -> Event:
    fields = re.findall(r"`([a-z_]+)(\??)`", row["fields"])
    return Event(
        levels=frozenset(row["level"].split(", ")),
        fields=frozenset(name for name, optional in fields if not optional),
        sometimes=frozenset(name for name, optional in fields if optional),
    )


def _plain(cell: str) -> str:
    return cell.strip("`")
