"""Programs that run beside each other, each on its CPU, and what they cost."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench import proc
from tests.bench.cpus import on

START_SECONDS = 30.0
STOP_SECONDS = 20.0


class Wrong(RuntimeError):
    """What was measured is not what should have been; the message says why no number would mean anything."""


@dataclass(frozen=True, slots=True)
class Program:
    """A running program that listens on a port of loopback."""

    name: str
    port: int
    child: subprocess.Popen[bytes]
    said: Path
    """Its standard output and, in a file of the same name with .err, its standard error."""

    @property
    def pid(self) -> int:
        return self.child.pid

    def cpu(self) -> float:
        """CPU seconds so far."""
        return proc.cpu_of(self.pid)

    def rss(self) -> int:
        """Resident bytes."""
        return proc.Sight.of(self.pid).rss


@dataclass(frozen=True, slots=True)
class Start:
    """How a program is started."""

    name: str
    port: int
    command: Sequence[str]
    folder: Path
    """Where it runs, and where its output goes."""
    environment: Mapping[str, str]
    cpus: frozenset[int] | None = None


@contextmanager
def started(start: Start) -> Iterator[Program]:
    """The program, listening, until the context ends; raises Wrong if it does not come up."""
    said = start.folder / f"{start.name}.out"
    with said.open("wb") as out, said.with_suffix(".err").open("wb") as err, on(start.cpus):
        child = subprocess.Popen(start.command, cwd=start.folder, env=dict(start.environment), stdout=out, stderr=err)
    program = Program(start.name, start.port, child, said)
    try:
        _await_listening(program)
        yield program
    finally:
        stop(program)


def stop(program: Program) -> int:
    """Asks it to end, in the end insists; returns the exit code."""
    program.child.terminate()
    try:
        return program.child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        program.child.kill()
        return program.child.wait()


def _await_listening(program: Program) -> None:
    limit = time.monotonic() + START_SECONDS
    while program.child.poll() is None and time.monotonic() < limit:
        with suppress(OSError), socket.create_connection(("127.0.0.1", program.port), 1):
            return
        time.sleep(0.02)
    raise Wrong(f"{program.name} does not listen on its port:\n{last_words(program)}")


def last_words(program: Program) -> str:
    """The ends of what it wrote, for a message."""
    texts = [path.read_text(errors="replace")[-1000:] for path in (program.said, program.said.with_suffix(".err"))]
    return "".join(texts).strip() or "it said nothing"
