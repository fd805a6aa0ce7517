"""Which ratios there are, and what is said of them."""

import re

from tests.bench import report
from tests.bench.aims import Aim, Result, judged_differences, judged_ratios, last_line, ratios
from tests.bench.measurements import ECHO, RELAY, Key, Kind
from tests.bench.memory import MIB, Holding
from tests.bench.spread import Spread
from tests.bench.table import verdict

US = "service"
COSTS = {
    Key(Kind.UNARY, ECHO): [100.0, 110.0, 120.0],
    Key(Kind.UNARY, RELAY): [200.0, 220.0, 240.0],
    Key(Kind.UNARY, US): [300.0, 330.0, 360.0],
    Key(Kind.BURST, US): [1200.0, 1320.0, 1440.0],
    Key(Kind.CACHE, US): [150.0, 165.0, 180.0],
    Key(Kind.PACED, RELAY): [50.0, 50.0, 50.0],
    Key(Kind.PACED, US): [60.0, 60.0, 60.0],
}
HOLDING = Holding(idle=80 * MIB, after=90 * MIB, first=8.0, steady=2.0)
AIM = Aim("a_ratio", "this / that", Key(Kind.UNARY, US), Key(Kind.UNARY, ECHO), 3.0)


def test_the_last_line_has_all_ratios() -> None:
    line = last_line(judged_ratios(ratios(US), COSTS))
    assert line == "bench: echo_ratio=3.00 relay_ratio=1.50 burst_ratio=4.00 cache_ratio=1.50 paced_ratio=1.20"


def test_what_was_not_measured_is_a_dash() -> None:
    only_unary = {key: values for key, values in COSTS.items() if key.kind is Kind.UNARY}
    line = last_line(judged_ratios(ratios(US), only_unary))
    assert line == "bench: echo_ratio=3.00 relay_ratio=1.50 burst_ratio=- cache_ratio=- paced_ratio=-"


def test_a_missed_aim_is_named() -> None:
    results = judged_ratios(ratios(US), COSTS)
    assert report.misses(results, HOLDING) == ["burst_ratio: 4.00, aim ≤ 3"]


def test_memory_and_the_first_call_have_aims_too() -> None:
    missed = report.misses([], Holding(idle=111 * MIB, after=0, first=13.0, steady=2.0))
    assert [re.split(":", text)[0] for text in missed] == ["idle RSS", "first call / steady"]


def test_a_difference_is_in_microseconds() -> None:
    (result,) = judged_differences([AIM], COSTS)
    assert result.found == Spread(220.0, 10.0)


def test_what_another_run_could_turn_over_is_said_to_be_so() -> None:
    assert verdict(Result(AIM, Spread(2.0, 0.1))) == "ok"
    assert verdict(Result(AIM, Spread(4.0, 0.1))) == "MISSED"
    assert verdict(Result(AIM, Spread(3.05, 0.1))) == "MISSED, by less than the noise"
    assert verdict(Result(AIM, Spread(2.95, 0.1))) == "ok, by less than the noise"
    assert verdict(Result(AIM, None)) == "not measured"
