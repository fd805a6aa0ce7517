"""Runs tests once, and says what they made of the code; processor time is what bounds them.

Who else is at work on the machine is no mutant's fault: bounds on the clock would count it as noticed.
"""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from os import killpg
from pathlib import Path

from tests.kit.process import environment

_PYTEST = ("-m", "pytest", "-x", "-q", "--tb=no", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist")
_NO_CLOCK = ("-o", "faulthandler_timeout=0")
_PATIENCE = 10
"""Times the processor time that a run may take, in which it must end all the same: to wait for ever takes none."""
_MOST_MEMORY = 3 << 20
"""KiB of heap: a loop that no longer ends must not take the machine with it."""
_PASSED = (0, 5)
"""All tests did, or there were none."""
_NOT_LOADED = (2, 4)
"""pytest was interrupted while it collected, or could not import conftest.py."""
_NOT_COLLECTED = re.compile(r"^ERROR [^:\s]+( |$)", re.MULTILINE)
_USED_UP = (-signal.SIGXCPU, -signal.SIGKILL)
"""How the system ends a process whose processor time is over."""


class Outcome(Enum):
    """What the tests made of a mutant."""

    SURVIVED = "survived"
    KILLED = "killed"
    TIMED_OUT = "timed out"
    NOT_IMPORTED = "could not be imported"


async def outcome_of(folder: Path, tests: Sequence[str], seconds: int, *, compiles: bool = False) -> Outcome:
    """Runs these tests in that project; `seconds` are of a processor, `compiles` leaves compiled code for later."""
    child = await asyncio.create_subprocess_exec(
        *("sh", "-c", f'ulimit -d {_MOST_MEMORY}; ulimit -t {seconds}; exec "$@"', "sh"),
        *(sys.executable, *_PYTEST, *_NO_CLOCK, *tests),
        cwd=folder,
        env=_environment(folder, compiles),
        start_new_session=True,  # a process group of its own: what it starts ends with it
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
    )
    try:
        async with asyncio.timeout(_PATIENCE * seconds):
            printed, _ = await child.communicate()
    except TimeoutError:
        return Outcome.TIMED_OUT
    finally:
        with suppress(ProcessLookupError):
            killpg(child.pid, signal.SIGKILL)
        await child.wait()
    return _outcome(child.returncode, printed.decode(errors="replace"))


def _environment(folder: Path, compiles: bool) -> dict[str, str]:
    """CI makes hypothesis try the same examples each time, and keep none."""
    ours = environment(CI="true", PYTHONPATH=str(folder / "clients/python"))
    return ours if compiles else {**ours, "PYTHONDONTWRITEBYTECODE": "1"}


def _outcome(code: int | None, printed: str) -> Outcome:
    if code in _USED_UP:
        return Outcome.TIMED_OUT
    if code in _PASSED:
        return Outcome.SURVIVED
    not_imported = code in _NOT_LOADED or _NOT_COLLECTED.search(printed)
    return Outcome.NOT_IMPORTED if not_imported else Outcome.KILLED
