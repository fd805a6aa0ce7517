"""A folder of recorded exchanges, each as far as it says what an answer was and what it means."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUILT = frozenset({"openai", "anthropic", "gemini"})
"""The protocols that the service speaks."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One exchange. `expected` is what an independent decoder read in it."""

    id: str
    provider: str
    protocol: str
    streamed: bool
    status: int
    headers: Mapping[str, str]
    body: bytes
    expected: Mapping[str, Any]
    suspect: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file of which nobody can tell what it holds; it counts as failed."""

    id: str
    why: str


def files(folder: Path) -> Iterator[Path]:
    """All recordings below a folder, in order of their names, so that two runs are alike."""
    yield from sorted(path for path in folder.rglob("*.json") if path.stem != "index")


def read(path: Path) -> Recorded | Unreadable:
    """The recording in a file."""
    try:
        return _recorded(json.loads(path.read_bytes()))  # not orjson: a body may hold half a character
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as cause:
        return Unreadable(path.stem, f"{type(cause).__name__}: {cause}")


def _recorded(file: dict[str, Any]) -> Recorded:
    response = file["response"]
    headers = {str(name).lower(): str(value) for name, value in (response.get("headers") or {}).items()}
    if response.get("content_type"):
        headers["content-type"] = str(response["content_type"])
    return Recorded(
        id=str(file["id"]),
        provider=str(file["provider"]),
        protocol=str(file["protocol"]),
        streamed=bool(file["stream"]),
        status=int(response["status"]),
        headers=headers,
        body=response["body"].encode(errors="surrogateescape"),
        expected=dict(file["expected"]),
        suspect=any(quirk.startswith("suspect:") for quirk in file.get("quirks") or ()),
    )
