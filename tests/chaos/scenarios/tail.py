"""M05: one call in thirty is slow by 20×. At scale 1, and hedged as shipped once a route says so: not before 100 ms.

That a percentile decides where calls are quicker than that, `make tail` tries: it takes more calls than fit in here.
"""

from tests.chaos.hedged import Tail
from tests.chaos.scenario import Scenario

SCENARIOS = [
    Scenario(
        key="m05",
        does="one call in thirty is slow by 20×",
        targets=["primary/{}"],
        route={"hedge": {"use": True}},
        play=Tail(slow_every=30, usual=0.06, most_times=3.0, most_extra=0.06),
    )
]
