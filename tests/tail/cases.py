"""What is measured: targets that are slow by twenty times now and then, hedged after a percentile of what they take.

Both are without the floor of 100 ms that routes have as shipped: requests take 40 ms here, and the percentile alone
decides.
"""

from collections.abc import Sequence

from tests.chaos.hedged import Tail
from tests.chaos.scenario import Mode, Row, Scenario

USUAL = 0.04
AT_A_TIME = 6
UNHEDGED = 400


def rows(calls: int) -> Sequence[Row]:
    """Each case, with so many hedged calls, unary and stream."""
    scenarios = [
        _scenario("t3", "3 % slow by 20×, hedged after p95", 33, 0.95, 0.06, calls),
        _scenario("t5", "5 % slow by 20×, hedged after p90", 20, 0.9, 0.11, calls),
    ]
    return [Row(scenario, mode) for scenario in scenarios for mode in (Mode.UNARY, Mode.STREAM)]


def _scenario(key: str, does: str, slow_every: int, quantile: float, most_extra: float, calls: int) -> Scenario:
    play = Tail(
        slow_every=slow_every,
        usual=USUAL,
        most_times=3.0,
        most_extra=most_extra,
        unhedged=UNHEDGED,
        hedged=calls,
        at_a_time=AT_A_TIME,
    )
    hedge = {"use": True, "quantile": quantile, "floor": "1ms"}
    return Scenario(key=key, does=does, targets=["primary/{}"], route={"hedge": hedge}, play=play)
