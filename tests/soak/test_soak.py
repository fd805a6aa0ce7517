"""A soak with few calls, and what it would find."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from tests.bench.proc import Sight
from tests.soak import report
from tests.soak.both_ends import complaints, failures, logged
from tests.soak.caller import Seen, skewed
from tests.soak.failing import KINDS, failing
from tests.soak.kinds import AT_THE_CALLER, shuffled
from tests.soak.samples import MB, Sample, growth, load, thinned
from tests.soak.soak import Soaked, soak
from tests.soak.watch import Rest, held
from tests.soak.ways import WAYS, broken, kinds

SEEN = Seen({("whole", "MODEL"): 9, ("cut", "UNAVAILABLE"): 2, ("late", "DEADLINE_EXCEEDED"): 1})


def line(caller: str, status: str, source: str = "") -> bytes:
    return orjson.dumps({"event": "call", "caller": caller, "status": status, "source": source})


def sample(number: int, rss: float) -> Sample:
    return Sample(number * 2.0, number * 100, number * 1.4, Sight(int(rss * MB), 5, 20, 12))


def rest(*, sockets: int = 5, tasks: int = 7, permits: int = 0) -> Rest:
    return Rest(Sight(80 * MB, sockets, 20, 12), tasks, 70_000, permits)


def soaked(
    *,
    samples: list[Sample],
    after: Rest,
    counted: int = 12,
    still_open: int = 0,
    attempts: frozenset[str] = failing(1000).failures,
) -> Soaked:
    return Soaked(
        plan=failing(1000),
        calls=1000,
        samples=samples,
        before=rest(),
        after=after,
        seen=SEEN,
        told=SEEN,
        counted=counted,
        still_open=still_open,
        attempts=Counter({"": 9, **dict.fromkeys(attempts, 1)}),
        happened={"retries": 3},
        broken={},
        complaints=[],
    )


def test_every_call_is_told_at_both_ends_and_nothing_stays_behind(tmp_path: Path) -> None:
    found = soak(failing(300), tmp_path / "soak", lambda text: None)

    assert list(report.wrongs(found)) == []
    assert report.last_line(found).endswith("sockets=+0 tasks=+0 permits=0 failures=30")
    assert sum(found.seen.values()) == sum(found.told.values()) == 300


def test_calls_that_are_broken_in_every_way_end_as_they_may_and_keep_nothing(tmp_path: Path) -> None:
    once = sum(kind.share for kind in kinds())
    found = soak(replace(broken(1), seconds=None, calls=once, load=None), tmp_path / "soak", lambda text: None)

    assert list(report.wrongs(found)) == []
    assert {kind.name for kind in kinds()} == {name for name, _ in found.seen}


def test_one_call_in_ten_fails() -> None:
    calls = shuffled(KINDS, seed=1)
    assert len(calls) == 100
    assert sum(kind.fails for kind in calls) == 10
    assert Counter(kind.name for kind in calls) == {kind.name: kind.share for kind in KINDS}


def test_one_call_in_ten_is_broken_and_every_way_of_part_a_is_there() -> None:
    calls = shuffled(kinds(), seed=1)
    down = sum(kind.name.startswith("s15") for kind in calls)
    assert sum(kind.breaks for kind in calls) + down / 9 == len(calls) / 10
    assert {way.name[:3] for way in WAYS} == {f"s{number:02}" for number in range(1, 17)} - {"s15"}


def test_a_log_is_counted_as_callers_count() -> None:
    lines = [line("whole", "OK", "MODEL")] * 9 + [line("cut", "UNAVAILABLE", "MODEL")] * 2
    told = logged([*lines, line("late", "DEADLINE_EXCEEDED"), b'{"event":"retry scheduled"}'])
    assert told == SEEN
    assert complaints(KINDS, SEEN, told) == []
    assert failures(SEEN) == 3


@pytest.mark.parametrize(
    ("told", "good"),
    [
        ({"DEADLINE_EXCEEDED": 5}, True),
        ({"DEADLINE_EXCEEDED": 7}, True),
        ({"DEADLINE_EXCEEDED": 5, "CANCELLED": 2}, True),
        ({"DEADLINE_EXCEEDED": 6, "CANCELLED": 1}, True),
        ({"DEADLINE_EXCEEDED": 4, "CANCELLED": 2}, False),
        ({"DEADLINE_EXCEEDED": 6, "CANCELLED": 2}, False),
        ({"DEADLINE_EXCEEDED": 8}, False),
        ({"DEADLINE_EXCEEDED": 5, "UNAVAILABLE": 1}, False),
    ],
)
def test_a_deadline_that_passes_at_the_caller_leaves_open_what_the_service_saw(
    told: dict[str, int], good: bool
) -> None:
    seen = Seen({("late", "DEADLINE_EXCEEDED"): 5, ("late", AT_THE_CALLER): 2})
    found = complaints(KINDS, seen, Seen({("late", outcome): count for outcome, count in told.items()}))
    assert (found == []) is good


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        (SEEN - Seen({("cut", "UNAVAILABLE"): 1}), "cut: callers saw {'UNAVAILABLE': 2}, the log tells of"),
        (SEEN + Seen({("whole", "MODEL"): 1}), "whole: callers saw {'MODEL': 9}, the log tells of {'MODEL': 10}"),
        (SEEN + Seen({("unknown", "MODEL"): 1}), "the log tells of calls that nobody made: unknown"),
    ],
)
def test_a_call_too_few_or_too_many_in_the_log_is_told(told: Seen, complaint: str) -> None:
    (found,) = complaints(KINDS, SEEN, told)
    assert found.startswith(complaint)


def test_a_call_that_ends_as_it_never_should_is_told() -> None:
    seen = Seen({("whole", "RULE"): 1})
    assert complaints(KINDS, seen, seen) == ["whole: 1 calls ended RULE, which they never should"]


def test_growth_is_that_of_the_last_part() -> None:
    early = [sample(number, 80 + number * 4) for number in range(10)]
    level = [sample(number, 120) for number in range(10, 21)]
    rising = [sample(number, 120 + (number - 10) * 0.6) for number in range(10, 21)]
    assert growth(early + level, 0.5) == pytest.approx(0)
    assert growth(early + rising, 0.5) == pytest.approx(6.0)
    assert growth(early + level, 0.8) > 5


def test_load_is_a_share_of_one_cpu() -> None:
    assert load([sample(number, 80) for number in range(3, 9)]) == pytest.approx(0.7)


def test_permits_are_those_of_all_targets_and_who_waits_for_one() -> None:
    assert held([{"in_flight": 0, "waiting": 0}, {"in_flight": 2, "waiting": 1}]) == 3


def test_what_grows_or_stays_is_told() -> None:
    rising = [sample(number, 80 + number) for number in range(21)]
    wrong = soaked(samples=rising, after=rest(sockets=6, tasks=9, permits=1))
    assert list(report.wrongs(wrong)) == [
        "the memory grew by 10.0 MB over the last 50% of the time, more than 5",
        "1 sockets stayed open",
        "2 tasks stayed behind",
        "1 permits are still held, or waited for",
    ]
    assert report.last_line(wrong) == (
        "soak: calls=1000 load=0.70 rss_slope_mb=10.00 sockets=+1 tasks=+2 permits=1 failures=3"
    )


def test_metrics_that_disagree_with_the_log_are_told() -> None:
    samples = [sample(number, 80) for number in range(5)]
    wrong = soaked(samples=samples, after=rest(), counted=11, still_open=1)
    assert list(report.wrongs(wrong)) == [
        "the log tells of 12 calls, the metrics of 11",
        "the metrics tell of 1 calls that are still open",
    ]


def test_a_provider_that_did_not_break_is_told() -> None:
    wrong = soaked(samples=[sample(1, 80), sample(2, 80)], after=rest(), attempts=failing(1000).failures - {"CUT_OFF"})
    assert list(report.wrongs(wrong)) == ["no request failed as CUT_OFF: the provider did not do what it was told"]
    assert "9 answered" in report.requests(wrong)


def test_a_model_that_does_not_break_what_it_should_is_told() -> None:
    seen = Seen({(kind.name, "MODEL"): 10 for kind in kinds()})
    whole = soaked(samples=[sample(1, 80), sample(2, 80)], after=rest(), attempts=broken(1).failures)
    each = {kind.targets[0]: 40 for kind in kinds() if kind.breaks}
    unbroken = replace(whole, plan=broken(1), seen=seen, broken={**each, "s04": 9})
    assert list(report.wrongs(unbroken)) == ["s04 was to break 20 answers, and broke 9"]


def test_a_long_run_is_told_in_few_rows_from_its_first_sample_to_its_last() -> None:
    samples = [sample(number, 80) for number in range(100)]
    rows = thinned(samples, 13)
    assert (len(rows), rows[0], rows[-1]) == (13, samples[0], samples[-1])


def test_some_questions_are_asked_often_and_many_seldom() -> None:
    asked = Counter(skewed(number, 3000) for number in range(20_000))
    assert max(asked) < 3000
    assert len(asked) > 2000
    assert asked[0] > 500
