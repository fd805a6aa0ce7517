"""Lives through a how-to: its `sh` blocks, one after the other, in one shell, on a terminal, in a folder like a clone.

That folder has `.venv`, `docs`, and what nobody may touch: a `.env` with a key, and a `config.yaml`.

A `text` block right after an `sh` block is what the commands print; `…` in it stands for anything, as a line of its own
for any lines. A block that begins with ```` ```sh by-hand ```` is for people and is not run.
"""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from threading import Timer

from tests.docs.tables import DOCS, ROOT
from tests.kit.process import environment, free_port

PORTS = ("50051", "9464", "9001", "9002")
"""What how-tos listen on, which a test replaces by free ones."""
SECONDS = 55.0
"""Then a page that still runs is ended: it waits for something that does not come."""
_BLOCK = re.compile(r"^```(?P<kind>\S+)(?P<note>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "\x1e"


@dataclass(frozen=True, slots=True)
class Step:
    """Commands, and what they print; None where the page does not show it."""

    commands: str
    prints: str | None


def steps(page: str) -> Iterator[Step]:
    """What the page lets its reader do."""
    blocks = [*_BLOCK.finditer(page), None]
    for block, then in pairwise(blocks):
        if block is None or block["kind"] != "sh" or block["note"].strip():
            continue
        shown = then is not None and then["kind"] == "text"
        yield Step(block["text"], then["text"] if shown and then else None)


def try_out(page: Path, folder: Path) -> list[tuple[Step, str]]:
    """Each step, and what it really printed."""
    ports = free_ports()
    todo = list(steps(with_ports(page, ports)))
    script = "\n".join(f"printf '\\036'\n{step.commands}" for step in todo)
    printed = run(script, folder, ports).split(_MARK)[1:]
    assert len(printed) == len(todo), f"the shell ended early: {printed}"
    return list(zip(todo, printed, strict=True))


def free_ports() -> dict[str, str]:
    """A free one for each that how-tos listen on."""
    return {port: str(free_port()) for port in PORTS}


def with_ports(page: Path, ports: Mapping[str, str]) -> str:
    """The text of the page, with other ports."""
    return re.sub(rf"\b({'|'.join(PORTS)})\b", lambda found: ports[found[0]], page.read_text("utf-8"))


def fits(printed: str, shown: str) -> bool:
    """Whether what was printed is what the page shows."""
    lines = (".*" if line == "…" else r"[^\n]*".join(map(re.escape, line.split("…"))) for line in _lines(shown))
    return re.fullmatch("\n".join(lines), "\n".join(_lines(printed)), re.DOTALL) is not None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def run(script: str, folder: Path, ports: Mapping[str, str]) -> str:
    """What it prints. Afterwards nothing may be left of it: no process, no file, and the clone as it was."""
    clone, elsewhere = folder / "clone", folder / "tmp"
    before = _new_clone(clone)
    elsewhere.mkdir()
    (folder / "how-to").write_text(script, "utf-8")
    printed, left = _on_a_terminal(["bash", str(folder / "how-to")], clone, _environment(elsewhere, ports))
    assert not left, "processes are left running"
    assert not [*elsewhere.iterdir()], "files are left"
    assert _content(clone) == before, "the clone is not as it was"
    return printed


def _new_clone(folder: Path) -> Mapping[str, str]:
    folder.mkdir()
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    (folder / ".venv-litellm").symlink_to(ROOT / ".venv-litellm")  # of `make litellm`; else it leads nowhere
    (folder / "docs").symlink_to(DOCS)
    (folder / ".env").write_text("OPENAI_API_KEY=sk-precious-0123456789\n")
    (folder / "config.yaml").write_text("server: { log_level: info }\n")
    return _content(folder)


def _content(folder: Path) -> Mapping[str, str]:
    return {file.name: file.read_text("utf-8") if file.is_file() else "" for file in folder.iterdir()}


def _environment(elsewhere: Path, ports: Mapping[str, str]) -> dict[str, str]:
    here = f"127.0.0.1:{ports['50051']}"
    return environment(
        PATH=os.defpath,
        TMPDIR=str(elsewhere),
        TERM="dumb",
        NO_COLOR="1",
        MAINSTAY_TARGET=here,
        MAINSTAY__SERVER__ADDRESS=here,
        MAINSTAY__SERVER__ADMIN_ADDRESS=f"127.0.0.1:{ports['9464']}",
    )


def _on_a_terminal(command: list[str], folder: Path, told: Mapping[str, str]) -> tuple[str, bool]:
    """What is printed, and whether a process outlives it."""
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        command, cwd=folder, env=told, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    patience = Timer(SECONDS, _end, [shell])
    patience.start()
    try:
        printed = _read(ours).decode().replace("\r\n", "\n")
        shell.wait()
        return printed, _end(shell)
    finally:
        patience.cancel()
        patience.join()
        _end(shell)
        shell.wait()
        os.close(ours)


def _end(shell: subprocess.Popen[bytes]) -> bool:
    """The shell, and everybody that it started; whether there was anybody."""
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
        return True
    return False


def _read(terminal: int) -> bytes:
    """Everything until the last process has let go of the terminal."""
    read = b""
    with suppress(OSError):  # how a terminal says that nobody is left
        while chunk := os.read(terminal, 4096):
            read += chunk
    return read
