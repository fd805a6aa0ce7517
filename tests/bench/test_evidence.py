"""What makes a bench worthless is found out."""

from collections import Counter
from pathlib import Path

import orjson
import pytest

from tests.bench.configuration import CACHED_ROUTE, PLAIN_ROUTE
from tests.bench.cpus import Cpus, shared_out
from tests.bench.evidence import ended_calls, expect_calls, expect_one_request, expect_share_of_spans
from tests.bench.exposition import by_label, fetched, total
from tests.bench.load import Ask, checked
from tests.bench.processes import Wrong
from tests.bench.receiver import summed
from tests.kit.process import free_port

PLAIN = (PLAIN_ROUTE, "OK", "MODEL", 1)
HIT = (CACHED_ROUTE, "OK", "CACHE", 0)
MISS = (CACHED_ROUTE, "OK", "MODEL", 1)
SENT = {PLAIN_ROUTE: 3, CACHED_ROUTE: 3}
ASK = Ask("/m", Path("b.pb"), 10, 2, streamed=True, least_bytes=100)
SEEN: dict[str, float] = {
    "ok": 10,
    "errors": 0,
    "seconds": 0.5,
    "bytes": 1000,
    "lat_p50": 1500,
    "lat_p99": 2500,
    "ttft_p50": 700,
    "tok_p50": 90,
    "tok_p99": 400,
}


def line(**fields: object) -> bytes:
    return orjson.dumps({"event": "call", "status": "OK", **fields}) + b"\n"


def test_only_access_lines_are_counted() -> None:
    log = [
        line(route="bench", source="MODEL", attempts=1),
        b'{"event":"fell back","route":"bench"}\n',
        line(route="bench", source="MODEL", attempts=1),
        line(status="NOT_FOUND"),
    ]
    assert ended_calls(log) == {PLAIN: 2, ("", "NOT_FOUND", "", 0): 1}


def test_a_log_that_is_garbled_is_told() -> None:
    with pytest.raises(Wrong, match="no JSON"):
        ended_calls([b'{"event":"ca'])


def test_one_line_a_call_is_right() -> None:
    expect_calls(Counter({PLAIN: 3, MISS: 1, HIT: 2}), SENT)


@pytest.mark.parametrize(
    "found",
    [
        {PLAIN: 2, MISS: 1, HIT: 2},
        {PLAIN: 4, MISS: 1, HIT: 2},
        {PLAIN: 3, MISS: 3},
        {PLAIN: 2, (PLAIN_ROUTE, "OK", "RULE", 2): 1, MISS: 1, HIT: 2},
        {PLAIN: 2, (PLAIN_ROUTE, "OK", "MODEL", 2): 1, MISS: 1, HIT: 2},
        {PLAIN: 2, (PLAIN_ROUTE, "UNAVAILABLE", "", 3): 1, MISS: 1, HIT: 2},
    ],
    ids=["too few", "too many", "cache without use", "by a rule", "after a retry", "failed"],
)
def test_calls_that_were_not_what_they_were_taken_for_are_told(found: dict[tuple[str, str, str, int], int]) -> None:
    with pytest.raises(Wrong, match="the log does not tell"):
        expect_calls(Counter(found), SENT)


def test_a_cache_that_asks_twice_is_told() -> None:
    expect_one_request(1, 1)
    with pytest.raises(Wrong, match="requests to the cached"):
        expect_one_request(2, 1)


@pytest.mark.parametrize(("roots", "good"), [(1000, True), (1150, True), (0, False), (500, False), (20_000, False)])
def test_the_share_of_exported_calls_may_miss_only_as_chance_does(roots: int, good: bool) -> None:
    if good:
        expect_share_of_spans(roots, 20_000)
    else:
        with pytest.raises(Wrong, match="were exported"):
            expect_share_of_spans(roots, 20_000)


def test_the_receiver_sums_up() -> None:
    assert summed(['{"spans": 4, "roots": 1}', '{"points": 7}', '{"spans": 2, "roots": 1}']) == {
        "spans": 6,
        "roots": 2,
        "points": 7,
    }


def test_the_load_generator_tells_milliseconds() -> None:
    load = checked(ASK, SEEN)
    assert (load.p50, load.p99, load.first_p50, load.token_p50, load.token_p99) == (1.5, 2.5, 0.7, 0.09, 0.4)


@pytest.mark.parametrize("changed", [{"ok": 9}, {"errors": 1}, {"bytes": 999}])
def test_calls_that_fail_or_end_early_are_told(changed: dict[str, float]) -> None:
    with pytest.raises(Wrong):
        checked(ASK, {**SEEN, **changed})


def test_what_is_measured_has_a_cpu_of_its_own_where_there_are_two() -> None:
    assert shared_out([3, 1, 2]) == Cpus(frozenset({1}), frozenset({2, 3}))
    assert "NOT PINNED" in str(shared_out([5]))


def test_a_metric_is_the_sum_of_its_series_and_of_no_other() -> None:
    page = '# TYPE a_total counter\na_total{x="1"} 3.0\na_total{x="b c"} 4\na_total_created 99\nother 7\n'
    assert total(page, "a_total") == 7.0
    assert total(page, "absent") == 0
    assert by_label(page, "a_total", "x") == {"1": 3, "b c": 4}


def test_where_there_are_no_metrics_that_is_told() -> None:
    with pytest.raises(Wrong, match="no /metrics"):
        fetched(free_port())
