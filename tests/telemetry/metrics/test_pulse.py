"""The loop's lag, and what is read."""

import asyncio
from collections.abc import Callable

from service.telemetry.metrics.metrics import Metrics
from service.telemetry.metrics.pulse import SECONDS, Pulse
from service.telemetry.metrics.readings import Lease, Readings
from tests.kit.virtual_time import VirtualTimeLoop
from tests.telemetry.metrics.reading import values


async def test_a_loop_that_is_held_up_comes_late(now: Callable[[], float]) -> None:
    lags: list[float] = []
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    with Pulse(lags.append, lambda: None, now):
        await asyncio.sleep(SECONDS * 1.5)
        loop.jump(2.0)  # somebody computes
        await asyncio.sleep(SECONDS)
    assert lags[:2] == [0.0, 1.75]


async def test_the_pulse_stops_with_its_context(now: Callable[[], float]) -> None:
    beats: list[float] = []
    with Pulse(lambda lag: None, lambda: beats.append(now()), now):
        await asyncio.sleep(SECONDS * 2.5)
    await asyncio.sleep(60)
    assert beats == [SECONDS, SECONDS * 2]


async def test_gauges_show_what_was_read_last(counted: Metrics) -> None:
    entries, dropped, lost, fill = [3], [2], [0], [1.0]
    counted.watch(
        Readings(
            budget_fill=lambda target: fill[0],
            lease=lambda target: Lease(waiting=entries[0], in_flight=dropped[0], free=fill[0]),
            cache_entries=lambda: entries[0],
            cache_bytes=lambda: entries[0] * 100,
            log_dropped=lambda: dropped[0],
            spans_dropped=lambda: lost[0],
        )
    )
    assert values(counted.exposition, "mainstay_cache_entries") == {(): 3}
    assert values(counted.exposition, "mainstay_log_dropped_total") == {(): 2}
    entries[0], dropped[0], lost[0], fill[0] = 5, 7, 9, 0.25
    await asyncio.sleep(SECONDS * 2.5)
    assert values(counted.exposition, "mainstay_cache_entries") == {(): 5}
    assert values(counted.exposition, "mainstay_cache_size_bytes") == {(): 500}
    assert values(counted.exposition, "mainstay_log_dropped_total") == {(): 7}
    assert values(counted.exposition, "mainstay_spans_dropped_total") == {(): 9}
    for name, read in (("waiting", 5), ("in_flight", 7), ("free_ratio", 0.25)):
        told = values(counted.exposition, f"mainstay_lease_{name}")
        assert told == {("one", "m"): read, ("two", "m"): read}
    assert values(counted.exposition, "mainstay_budget_fill_ratio") == {("one", "m"): 0.25, ("two", "m"): 0.25}
