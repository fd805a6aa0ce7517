"""The service as its users run it: a process of its own."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 20.0


@dataclass(slots=True)
class Process:
    """A running `mainstayd serve`."""

    child: asyncio.subprocess.Process
    address: str
    log: list[str]

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
async def mainstayd(folder: Path, *args: str, **variables: str) -> AsyncIterator[Process]:
    """Runs `mainstayd serve` in `folder` until the context ends; gives it once it has said whether it serves."""
    address = f"127.0.0.1:{free_port()}"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.cli", "serve", *args),
        cwd=folder,
        env=environment(MAINSTAY__SERVER__ADDRESS=address, **variables),
        stderr=asyncio.subprocess.PIPE,
    )
    process = Process(child, address, [])
    said = asyncio.Event()
    reading = asyncio.create_task(_read(child, process.log, said))
    try:
        async with asyncio.timeout(PATIENCE):
            await said.wait()
        yield process
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        await child.wait()
        await reading


async def _read(child: asyncio.subprocess.Process, log: list[str], said: asyncio.Event) -> None:
    assert child.stderr is not None
    async for line in child.stderr:
        log.append(line.decode())
        if '"event":"serving"' in log[-1] or '"event":"NOT SERVING"' in log[-1]:
            said.set()
    said.set()
