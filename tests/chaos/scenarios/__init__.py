"""All scenarios that are built so far, in the order of SCENARIOS.md."""

from collections.abc import Sequence

from tests.chaos.scenario import Scenario
from tests.chaos.scenarios import (
    bad_answers,
    broken,
    collector,
    credentials,
    down,
    drain,
    failing,
    kept,
    leaving,
    limited,
    load,
    outage,
    readers,
    recovering,
    refused,
    short,
    slow,
    tail,
    together,
)

ALL: Sequence[Scenario] = sorted(
    [
        *failing.SCENARIOS,
        *slow.SCENARIOS,
        *broken.SCENARIOS,
        *recovering.SCENARIOS,
        *refused.SCENARIOS,
        *outage.SCENARIOS,
        *leaving.SCENARIOS,
        *short.SCENARIOS,
        *down.SCENARIOS,
        *kept.SCENARIOS,
        *together.SCENARIOS,
        *tail.SCENARIOS,
        *load.SCENARIOS,
        *credentials.SCENARIOS,
        *collector.SCENARIOS,
        *limited.SCENARIOS,
        *drain.SCENARIOS,
        *readers.SCENARIOS,
        *bad_answers.SCENARIOS,
    ],
    key=lambda scenario: ("SM".index(scenario.id[0]), scenario.id),
)
