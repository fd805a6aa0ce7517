"""What a bench says at its end, to people and to machines."""

import dataclasses
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc

from tests.bench.aims import Result
from tests.bench.bench import Measured
from tests.bench.memory import FIRST_AIM, IDLE_AIM, MIB, Holding, memory_table
from tests.bench.table import costs_table, differences_table, noise_line, ratios_table


def head(measured: Measured) -> str:
    """The machine, and how the numbers came about."""
    versions = f"Python {platform.python_version()}, grpcio {grpc.__version__}"
    return (
        f"{_processor()}, {os.cpu_count()} CPUs, {versions}; {measured.cpus}\n"
        f"{len(measured.rounds)} rounds, medians; ± is half the range of the middle half of the rounds\n"
    )


def _processor() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0].partition(": ")[2] if names else platform.machine()


def for_people(measured: Measured, results: Sequence[Result], *, differ: bool = False) -> str:
    """All tables. `differ`: the results are differences and not ratios."""
    parts = [head(measured), costs_table(measured.runs, measured.rounds), memory_table(measured.holdings)]
    parts.append(differences_table(results) if differ else ratios_table(results) + "\n" + noise_line(results) + "\n")
    return "\n".join(parts)


def misses(results: Sequence[Result], service: Holding) -> list[str]:
    """The aims that were missed, in words."""
    missed = [
        f"{result.aim.name}: {result.found.median:.2f}, aim ≤ {result.aim.most:g}"
        for result in results
        if result.found and result.missed
    ]
    if service.idle > IDLE_AIM * MIB:
        missed.append(f"idle RSS: {service.idle / MIB:.0f} MiB, aim ≤ {IDLE_AIM:.0f}")
    if service.first_ratio and service.first_ratio > FIRST_AIM:
        missed.append(f"first call / steady: {service.first_ratio:.1f}, aim ≤ {FIRST_AIM:g}")
    return missed


def for_machines(measured: Measured, results: Sequence[Result]) -> dict[str, Any]:
    """Everything, round by round; plain types only."""
    return {
        "machine": {"processor": _processor(), "cpus": os.cpu_count(), "pinned": str(measured.cpus)},
        "python": platform.python_version(),
        "grpcio": grpc.__version__,
        "aims": [
            {"name": result.aim.name, "most": result.aim.most, "found": _plain(result.found), "missed": result.missed}
            for result in results
        ],
        "programs": {name: _plain(holding) for name, holding in measured.holdings.items()},
        "rounds": [
            [{"kind": key.kind.value, "program": key.program, **_plain(one)} for key, one in taken.items()]
            for taken in measured.rounds
        ],
    }


def _plain(value: Any) -> Any:
    return None if value is None else dataclasses.asdict(value)
