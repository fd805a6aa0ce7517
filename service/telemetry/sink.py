"""Where log lines go: a descriptor that may be full, stuck or closed, and must never hurt a call.

writing ──▶ dropping ───────▶ writing
            one line on       one line in the log:
            standard error    how many were dropped

Whoever does not read their pipe loses lines, and the service no time.
"""

import errno
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress

STANDARD_ERROR = 2
COMPLAIN_SECONDS = 60.0
"""At most one complaint in this time: a reader that is merely slow makes the state change often."""


def complain(message: str) -> None:
    """One line for people, on standard error; nothing if that is gone, too."""
    with suppress(OSError):
        os.write(STANDARD_ERROR, f"mainstayd: {message}\n".encode())


class Sink:
    """Writes whole lines or none, from one thread."""

    def __init__(
        self,
        fd: int,
        apology: Callable[[int], bytes],
        *,
        complain: Callable[[str], None] = complain,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`apology` makes the log line that says how many lines were dropped; `now` is monotonic."""
        self._fd = fd
        self._apology = apology
        self._complain = complain
        self._now = now
        self._quiet_until = float("-inf")
        self.dropped = 0
        """Lines that were dropped, so far."""
        self._told = 0
        """Those of them that the log itself speaks of."""
        self._rest = b""
        """What a line that was begun still lacks: without it the next one would be garbled."""

    def write(self, line: bytes) -> None:
        """Writes a line, or drops it. Never raises; waits no longer than one write to a file does."""
        try:
            self._finish()
            self._begin(line)
        except OSError as error:
            self._drop(error)

    def _finish(self) -> None:
        if self._rest:
            self._rest = self._rest[os.write(self._fd, self._rest) :]
        if self._rest:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def _begin(self, line: bytes) -> None:
        data = line + b"\n"
        untold = self.dropped - self._told
        if untold:
            data = self._apology(untold) + b"\n" + data
        self._rest = data[os.write(self._fd, data) :]
        self._told = self.dropped

    def _drop(self, error: OSError) -> None:
        first = self.dropped == self._told
        self.dropped += 1
        if first and self._now() >= self._quiet_until:
            self._quiet_until = self._now() + COMPLAIN_SECONDS
            why = "its reader does not keep up" if isinstance(error, BlockingIOError) else error.strerror
            self._complain(f"cannot write the log: {why}; calls go on")


def unblocking(fd: int) -> int:
    """A descriptor for the same thing on which, unless that is a file, no write waits.

    A pipe or terminal is opened anew: to switch `fd` itself would switch it for the shell and everybody else who shares
    it. That is done only to sockets, and to pipes that this user may not open.
    """
    try:
        mode = os.fstat(fd).st_mode
    except OSError:  # closed; taken before some socket gets its number, and with it our lines
        return os.open(os.devnull, os.O_WRONLY)
    if stat.S_ISFIFO(mode) or os.isatty(fd):
        with suppress(OSError):
            return os.open(f"/dev/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        os.set_blocking(fd, False)
    return fd
