"""The service as its users run it: a process of its own."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 20.0
_QUIET = {"MAINSTAY__SERVER__DRAIN_NOTICE": "0s", "MAINSTAY__SERVER__ADMIN_ADDRESS": "null"}


@dataclass(slots=True)
class Process:
    """A running `mainstayd serve`."""

    child: asyncio.subprocess.Process
    address: str
    log: list[str] = field(default_factory=list)
    """The lines on standard output."""
    said: list[str] = field(default_factory=list)
    """The lines on standard error."""

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one kind of event, so far."""
        return [line for text in self.log if (line := json.loads(text))["event"] == event]

    @property
    def rss(self) -> int:
        """Resident memory in bytes."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024

    @property
    def peak_rss(self) -> int:
        """The most resident memory there ever was, in bytes."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**variables: str) -> dict[str, str]:
    """For a child process: this one's, without anybody's real keys, and `variables`."""
    inherited = os.environ.items()  # noqa: TID251 - children inherit it
    harmless = {name: value for name, value in inherited if not name.endswith("_API_KEY")}
    return {**harmless, "PYTHONPATH": os.pathsep.join(sys.path), **variables}


@asynccontextmanager
async def mainstayd(folder: Path, *args: str, log: str = "", **variables: str) -> AsyncIterator[Process]:
    """Runs `mainstayd serve` in `folder` until the context ends; gives it once it listens. `log` is a file for that."""
    address = f"127.0.0.1:{free_port()}"
    output = os.open(log, os.O_WRONLY) if log else asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "service.cli", "serve", *args),
        cwd=folder,
        start_new_session=True,  # a process group of its own, for tests that press Ctrl-C
        env=environment(MAINSTAY__SERVER__ADDRESS=address, **{**_QUIET, **variables}),
        stdout=output,
        stderr=asyncio.subprocess.PIPE,
    )
    if log:
        os.close(output)
    process = Process(child, address)
    reading = asyncio.gather(_read(child.stdout, process.log), _read(child.stderr, process.said))
    try:
        async with asyncio.timeout(PATIENCE):
            await _listening(process)
        yield process
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        await child.wait()
        await reading


async def _listening(process: Process) -> None:
    """Returns once it does, and has said so where that can be read; also if it ends."""
    while process.child.returncode is None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(*process.address.split(":"))
            writer.close()
            await writer.wait_closed()
            if process.child.stdout is None or process.lines("serving") or process.lines("NOT SERVING"):
                return
        await asyncio.sleep(0.02)


async def _read(stream: asyncio.StreamReader | None, lines: list[str]) -> None:
    if stream is not None:
        async for line in stream:
            lines.append(line.decode())  # noqa: PERF401 - as they come
