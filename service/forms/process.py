"""One worker: a process, and the connection over which jobs go there and come back done.

It is not started by the event loop: uvloop forks, and the fork of a process in which gRPC has threads now and then dies
of that before it has become another program. `subprocess` does without (vfork).
"""

import asyncio
import socket
import subprocess
import sys
from contextlib import suppress
from signal import SIGABRT, SIGBUS, SIGPROF, SIGSEGV
from typing import Self

import orjson

from service.forms.job import FAILED_AT_IT, LENGTH_BYTES, Done, Job

_COMMAND = (sys.executable, "-P", "-m", "service.forms.worker")
_OF_ITS_JOB = frozenset({FAILED_AT_IT, *(-one for one in (SIGPROF, SIGABRT, SIGSEGV, SIGBUS))})
"""Exit codes of a worker whose job was too much for it; one that the system kills gets SIGKILL."""


class Died(Exception):
    """A worker died while it had a job."""

    def __init__(self, code: int) -> None:
        """`code` is its exit code; minus the signal, if it was one."""
        super().__init__(f"exit code {code}" if code >= 0 else f"signal {-code}")
        self.of_its_job = code in _OF_ITS_JOB
        """The job was too much for it; else it might have been any job, or none."""


class Worker:
    """Does one job at a time. To be ended by whoever began it."""

    def __init__(
        self, child: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._child = child
        self._reader = reader
        self._writer = writer

    @classmethod
    async def begin(cls) -> Self:
        """A new one. Raises OSError."""
        ours, theirs = socket.socketpair()
        with theirs:
            child = _started(theirs)
        try:
            return cls(child, *await asyncio.open_unix_connection(sock=ours))
        except BaseException:
            ours.close()
            child.kill()
            child.wait()
            raise

    @property
    def is_alive(self) -> bool:
        """As far as is known."""
        return self._child.poll() is None and not self._writer.is_closing()

    async def do(self, job: Job) -> Done:
        """Raises Died. Whoever gives up in the middle ends it: its answer would come for the next job."""
        frame = orjson.dumps(job)
        try:
            self._writer.write(len(frame).to_bytes(LENGTH_BYTES) + frame)
            await self._writer.drain()
            length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES))
            done = orjson.loads(await self._reader.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self._child.kill()  # which changes nothing where it is dying already
            raise Died(await asyncio.to_thread(self._child.wait)) from error
        return Done(done["wrong"], tuple(done["violations"]), done["repaired"])

    def end(self) -> None:
        """Kills it, whatever it does; soon it `is_gone`."""
        self._writer.close()
        self._child.kill()

    @property
    def is_gone(self) -> bool:
        """Nothing is left of it."""
        return self._child.poll() is not None

    async def gone(self) -> None:
        """Returns once it is."""
        self._child.wait()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


def _started(connection: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        _COMMAND,
        stdin=connection.fileno(),
        stdout=connection.fileno(),
        stderr=subprocess.DEVNULL,  # what it says when it dies of a job concerns nobody
        env={},  # there are credentials in ours
        start_new_session=True,  # Ctrl-C is for the service
    )
