"""What the configuration says of limits and keys is what permits are given by."""

import pytest

from service.chat.target import Target
from service.composition.credentials import rings_of
from service.composition.leased import leases_of, terms_of
from service.composition.targets import reading, shown
from service.config import Settings
from service.pipeline.leasing.desk import Terms
from service.policies.circuit import Circuit, CircuitOptions
from service.policies.lane import Limits
from service.policies.per_target import PerTarget

LIMITS = {"requests_per_minute": "60", "tokens_per_minute": "1000", "concurrency": "7", "from_headers": "false"}
URL = {"protocol": "openai", "base_url": "http://127.0.0.1:1/v1"}
SETTINGS = Settings.model_validate(
    {
        "providers": {
            "plain": {**URL, "auth": "none"},
            "one": {**URL, "api_key": "a-key-of-mine"},
            "many": {
                **URL,
                "api_keys": [{"key": "first-key", "name": "spring"}, "", "third-key"],
                "limits": LIMITS,
                "models": {"small": {"limits": {"concurrency": "2"}}, "priced": {"context_tokens": "5"}},
            },
        },
        "routes": {"default": {"targets": ["many/small", "plain/m"]}},
    }
)
RINGS = rings_of(SETTINGS)


def terms(target: str) -> Terms:
    return terms_of(Target.parse(target), SETTINGS, RINGS)


@pytest.mark.parametrize("target", ["plain/m", "one/m"])
def test_where_nothing_is_written_there_is_no_limit_and_nothing_to_choose(target: str) -> None:
    assert terms(target) == Terms()


@pytest.mark.parametrize("model", ["m", "priced", "one/with-a-slash"])
def test_a_providers_limits_are_those_of_each_of_its_models(model: str) -> None:
    limits = Limits(requests_per_minute=60, tokens_per_minute=1000, concurrency=7, from_headers=False)
    assert terms(f"many/{model}").limits == limits


def test_a_model_may_have_limits_of_its_own() -> None:
    assert terms("many/small").limits == Limits(concurrency=2)


def test_the_keys_that_are_there_are_chosen_from_and_known_by_name() -> None:
    told = terms("many/m")
    assert told.ring is RINGS["many"]
    assert len(told.ring) == 2
    assert told.names == ["spring", "3"]


def test_all_targets_of_routes_are_shown_and_others_once_they_were_asked() -> None:
    leases = leases_of(SETTINGS, RINGS, lambda: 0.0, 10)
    routed, other = [Target("many", "small"), Target("plain", "m")], Target("one", "m")
    circuits = PerTarget(lambda target: Circuit(CircuitOptions(), lambda: 0.0, lambda: 0.5))
    assert [page["target"] for page in shown(leases, circuits, routed)] == ["many/small", "plain/m"]
    for target in (routed[0], other):
        assert leases.desk(target).now(0) is not None
    keys = [
        {"name": "spring", "in_flight": 1, "free": 0.5, "held_seconds": 0.0},
        {"name": "3", "in_flight": 0, "free": 1.0, "held_seconds": 0.0},
    ]
    circuit = circuits[routed[0]]
    leave = circuit.enter()
    assert leave is not None
    circuit.failed(leave, "TOO_SLOW", at_least=60.0, at_once=True)
    first, _, last = shown(leases, circuits, routed)
    assert first == {
        "target": "many/small",
        "waiting": 0,
        "in_flight": 1,
        "free": 1.0,
        "keys": keys,
        "circuit": {"state": "open", "reason": "TOO_SLOW", "seconds": 60.0},
    }
    assert last["circuit"] == {"state": "closed"}
    assert (last["target"], last["in_flight"]) == ("one/m", 1)
    told = reading(leases)(routed[0])
    assert (told.waiting, told.in_flight, told.free) == (0, 1, 1.0)
