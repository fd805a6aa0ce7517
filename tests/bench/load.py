"""One run of the load generator."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.processes import Wrong

LONGEST = 120.0
"""Seconds that one run may take."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What the generator sends, and what must come back."""

    method: str
    body: Path
    calls: int
    at_once: int
    connections: int = 8
    streamed: bool = False
    least_bytes: int = 1
    """An answer has at least as many; fewer are no whole answers."""

    def command(self, bload: Path, port: int) -> Sequence[str]:
        """The command line."""
        connections = min(self.connections, self.at_once)
        return [
            *(str(bload), "-m", "grpc", "-p", str(port), "-u", self.method, "-b", str(self.body)),
            *("-c", str(self.at_once), "-k", str(connections), "-n", str(self.calls)),
            *(["-s"] if self.streamed else []),
        ]


@dataclass(frozen=True, slots=True)
class Load:
    """What the generator saw; times in milliseconds, None where there was nothing to see."""

    seconds: float
    p50: float
    p99: float
    first_p50: float | None
    """Time to the first message of a stream."""
    token_p50: float | None
    """From the upstream's write of a token to its arrival."""
    token_p99: float | None


def load(bload: Path, port: int, ask: Ask) -> Load:
    """Asks, and sees to it that every call was answered. Raises Wrong."""
    command = ask.command(bload, port)
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        raise Wrong(f"{ask.calls} calls of {ask.method} took more than {LONGEST:.0f} s") from None
    try:
        seen = json.loads(done.stdout)
    except ValueError:
        raise Wrong(f"the load generator failed: {(done.stderr or done.stdout).strip()[:300]}") from None
    return checked(ask, seen)


def checked(ask: Ask, seen: Mapping[str, float]) -> Load:
    """What one JSON object of bload says, if all calls of `ask` were answered whole. Raises Wrong."""
    if seen["ok"] != ask.calls or seen["errors"]:
        why = seen.get("error", "no reason given")
        raise Wrong(f"of {ask.calls} calls of {ask.method} {seen['ok']} were answered, {seen['errors']} failed: {why}")
    if seen["bytes"] < ask.calls * ask.least_bytes:
        raise Wrong(
            f"answers of {ask.method} had {seen['bytes'] / ask.calls:.0f} bytes each: "
            f"whole ones have at least {ask.least_bytes}"
        )

    def milliseconds(name: str) -> float | None:
        return seen[name] / 1000 if name in seen else None

    return Load(
        seconds=seen["seconds"],
        p50=seen["lat_p50"] / 1000,
        p99=seen["lat_p99"] / 1000,
        first_p50=milliseconds("ttft_p50") if ask.streamed else None,
        token_p50=milliseconds("tok_p50"),
        token_p99=milliseconds("tok_p99"),
    )
