"""A process that does jobs: one frame in on standard input, one frame out on standard output, until that ends.

It has no environment, no connections and a bound on its memory. A job that takes more time of the processor than it may
ends the process, by a signal that nobody handles: not even C or Rust can go on.
"""

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

import orjson

from service.forms.job import FAILED_AT_IT, LENGTH_BYTES, Done, Job
from service.forms.work import Bench

MEMORY_BYTES = 1 << 30


def main() -> None:
    """Works until nobody wants it any more."""
    with suppress(ValueError, OSError):  # where the system has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    bench = Bench()
    for frame in _frames(sys.stdin.buffer):
        job = Job(**orjson.loads(frame))
        signal.setitimer(signal.ITIMER_PROF, job.seconds)
        try:
            done = bench.done(job)
        except BaseException:  # noqa: BLE001 - an assertion, memory, a panic of Rust: who knows what that leaves behind
            sys.exit(FAILED_AT_IT)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _write(sys.stdout.buffer, done)


def _frames(source: BinaryIO) -> Iterator[bytes]:
    while length := source.read(LENGTH_BYTES):
        yield source.read(int.from_bytes(length))


def _write(target: BinaryIO, done: Done) -> None:
    frame = orjson.dumps(done)
    target.write(len(frame).to_bytes(LENGTH_BYTES) + frame)
    target.flush()


if __name__ == "__main__":
    main()
