"""What the kernel says, read right."""

import os
import subprocess
import sys
import time

import pytest

from tests.bench.proc import TICK, Sight, cpu_of, cpu_seconds, resident_bytes, threads

STAT = "4242 (a (strange) name) S 1 4242 4242 0 -1 4194304 1 2 3 4 1500 250 99 99 20 0 12 0 1 2 3 18446744073709551615"
STATUS = "Name:\tx\nVmHWM:\t  999 kB\nVmRSS:\t   2048 kB\nRssAnon:\t 7 kB\nThreads:\t12\n"


def test_cpu_time_is_user_and_system_time_whatever_the_name_holds() -> None:
    assert cpu_seconds(STAT) == pytest.approx(1750 * TICK)


def test_memory_and_threads_are_those_of_now() -> None:
    assert resident_bytes(STATUS) == 2048 * 1024
    assert threads(STATUS) == 12


def test_the_time_of_all_threads_counts() -> None:
    work = "import threading as t; w = t.Thread(target=lambda: sum(range(10**8)), daemon=True); w.start(); w.join()"
    child = subprocess.Popen([sys.executable, "-c", work])
    try:
        limit = time.monotonic() + 10
        while cpu_of(child.pid) < 0.1 and time.monotonic() < limit:
            time.sleep(0.01)
        assert cpu_of(child.pid) >= 0.1
    finally:
        child.kill()
        child.wait()


def test_a_sight_counts_sockets_apart_from_other_descriptors() -> None:
    before = Sight.of(os.getpid())
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        now = Sight.of(os.getpid())
        assert (now.sockets - before.sockets, now.descriptors - before.descriptors) == (0, 2)
        child.kill()
    assert before.rss > 2**20
