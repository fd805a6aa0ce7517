"""All scenarios that are built so far, in the order of SCENARIOS.md."""

from collections.abc import Sequence

from tests.chaos.scenario import Scenario
from tests.chaos.scenarios import bad_answers, broken, down, drain, failing, leaving, load, refused, short, slow

ALL: Sequence[Scenario] = sorted(
    [
        *failing.SCENARIOS,
        *slow.SCENARIOS,
        *broken.SCENARIOS,
        *refused.SCENARIOS,
        *leaving.SCENARIOS,
        *short.SCENARIOS,
        *down.SCENARIOS,
        *load.SCENARIOS,
        *drain.SCENARIOS,
        *bad_answers.SCENARIOS,
    ],
    key=lambda scenario: ("SM".index(scenario.id[0]), scenario.id),
)
