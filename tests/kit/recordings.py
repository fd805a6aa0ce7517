"""Recorded provider traffic: `../shared/recordings`, or the folder that RECORDINGS names. Material to decode."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

BESIDE = Path(__file__).parents[3] / "shared" / "recordings"
FOLDER = Path(os.environ.get("RECORDINGS", BESIDE))  # noqa: TID251 - a switch of the tests


def recording(id: str) -> dict[str, Any]:
    """One recorded exchange. Skips the test where there are none."""
    if not FOLDER.is_dir():
        pytest.skip(f"no recordings in {FOLDER.name}/: set RECORDINGS to where they are")
    return dict(json.loads((FOLDER / _files()[id]).read_text()))


@cache
def _files() -> dict[str, str]:
    rows = (json.loads(line) for line in (FOLDER / "index.jsonl").read_text().splitlines())
    return {row["id"]: row["file"] for row in rows}
