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
    return load(FOLDER / _files()[id])


def paths(protocol: str) -> list[Path]:
    """All recordings of a protocol, in order; none where they are absent."""
    return sorted(FOLDER.glob(f"{protocol}/*/*.json"))


def load(path: Path) -> dict[str, Any]:
    """One of them."""
    exchange: dict[str, Any] = json.loads(path.read_bytes())
    return exchange


def reads_of(exchange: dict[str, Any]) -> list[bytes]:
    """The body of the answer in its real reads where they were kept, else in one."""
    body = exchange["response"]["body"].encode()
    reads = []
    for length in exchange["response"].get("read_lengths") or [len(body)]:
        reads.append(body[:length])
        body = body[length:]
    return reads


@cache
def _files() -> dict[str, str]:
    rows = (json.loads(line) for line in (FOLDER / "index.jsonl").read_text().splitlines())
    return {row["id"]: row["file"] for row in rows}
