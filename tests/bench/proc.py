"""What the kernel says of a process: CPU time, memory, descriptors, threads."""

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TICK = 1 / os.sysconf("SC_CLK_TCK")
"""Seconds; CPU times are counted in these."""
_FIELDS_AFTER_NAME = 3  # the first one is the third of proc(5)
_USER, _SYSTEM = 14, 15


def cpu_seconds(stat: str) -> float:
    """User and system time of all threads, those that ended too, from /proc/PID/stat."""
    fields = stat.rpartition(")")[2].split()  # a name may hold spaces and brackets
    return (int(fields[_USER - _FIELDS_AFTER_NAME]) + int(fields[_SYSTEM - _FIELDS_AFTER_NAME])) * TICK


def resident_bytes(status: str) -> int:
    """VmRSS of /proc/PID/status."""
    return int(re.findall(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[0]) * 1024


def threads(status: str) -> int:
    """Threads of /proc/PID/status."""
    return int(re.findall(r"^Threads:\s+(\d+)$", status, re.MULTILINE)[0])


@dataclass(frozen=True, slots=True)
class Sight:
    """A process at one moment."""

    rss: int
    """Bytes."""
    sockets: int
    descriptors: int
    """Sockets included."""
    threads: int

    @classmethod
    def of(cls, pid: int) -> Self:
        """It, now. Raises FileNotFoundError if it is gone."""
        status = Path(f"/proc/{pid}/status").read_text()
        links = []
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed since
                links.append(os.readlink(entry))
        sockets = sum(link.startswith("socket:") for link in links)
        return cls(resident_bytes(status), sockets, len(links), threads(status))


def cpu_of(pid: int) -> float:
    """CPU seconds that a process has used so far."""
    return cpu_seconds(Path(f"/proc/{pid}/stat").read_text())
