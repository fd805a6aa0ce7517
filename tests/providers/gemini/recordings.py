"""Real provider traffic of this protocol, which lies outside the repository; see the README beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.kit.recordings import FOLDER


def paths() -> list[Path]:
    """The recordings; none where they are absent."""
    return sorted(FOLDER.glob("gemini/*/*.json"))


def load(path: Path) -> dict[str, Any]:
    """One recording."""
    recording: dict[str, Any] = json.loads(path.read_bytes())
    return recording


recorded = pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem) for path in paths()]
    or [pytest.param(None, marks=pytest.mark.skip("no recordings: set RECORDINGS to their folder"))],
)
