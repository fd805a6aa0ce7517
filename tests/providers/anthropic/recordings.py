"""Real provider traffic, which lies outside the repository; see the README beside it."""

import json
from pathlib import Path
from typing import Any

from tests.kit.recordings import FOLDER


def paths() -> list[Path]:
    """The recordings of this protocol; none where they are absent."""
    return sorted(FOLDER.glob("anthropic/*/*.json"))


def load(path: Path) -> dict[str, Any]:
    """One recording."""
    recording: dict[str, Any] = json.loads(path.read_bytes())
    return recording


def reads_of(recording: dict[str, Any]) -> list[bytes]:
    """The body in its real reads where they were kept, else in one."""
    body = recording["response"]["body"].encode()
    reads = []
    for length in recording["response"].get("read_lengths") or [len(body)]:
        reads.append(body[:length])
        body = body[length:]
    return reads
