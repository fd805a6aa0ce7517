"""What targets cost: the configuration goes before the catalog."""

from decimal import Decimal

import pytest

from service.chat.peak import Peak
from service.chat.target import Target
from service.composition.pricing import price_of, tariff_of
from service.config import Settings
from service.policies.cost import Rates, Tariff

SETTINGS = Settings.model_validate(
    {
        "providers": {
            "openai": {
                "protocol": "openai",
                "base_url": "http://x",
                "models": {"gpt-6-luna": {"prices": {"input": "0.07", "output": "0.4", "cached_input": "0.001"}}},
            },
            "work": {
                "protocol": "openai",
                "base_url": "http://x",
                "catalog": "deepseek",
                "models": {"ours": {"catalog": "deepseek-flash"}},
            },
            "house": {
                "protocol": "openai",
                "base_url": "http://x",
                "prices": {"input": "0", "output": "0"},
                "models": {"dear": {"prices": {"input": "1", "output": "2", "cache_write": "3"}}},
            },
            "tiers": {
                "protocol": "openai",
                "base_url": "http://x",
                "prices": {
                    "input": "1",
                    "output": "2",
                    "long_from": 200_000,
                    "long_prices": {"input": "3", "output": "4", "cached_input": "0.5"},
                    "peak": {"weekdays": ["mon", "fri"], "hours": ["1-4", "6-10"], "otherwise_percent": 50},
                },
            },
            "nobody": {"protocol": "openai", "base_url": "http://x"},
        }
    }
)


def tariff(text: str) -> Tariff | None:
    return tariff_of(Target.parse(text), SETTINGS)


def test_the_catalog_knows_prices_tiers_and_hours() -> None:
    known = tariff("openai/gpt-6.1-sol")
    assert known is not None
    assert known.rates == Rates(input=2_000_000, cached_input=100_000, cache_write=2_500_000, output=10_000_000)
    assert (known.long_from, known.long_rates.input, known.long_rates.output) == (272_000, 4_000_000, 15_000_000)
    flash = tariff("work/deepseek-flash")
    assert flash is not None
    assert flash.peak is not None
    assert flash.peak.otherwise_percent == 50


def test_a_deployment_costs_what_the_model_costs_that_it_is() -> None:
    assert tariff("work/ours") == tariff("work/deepseek-flash")


def test_what_is_written_of_a_model_replaces_all_that_the_catalog_says() -> None:
    assert tariff("openai/gpt-6-luna") == Tariff(
        rates=Rates(input=70_000, cached_input=1_000, cache_write=70_000, output=400_000)
    )


def test_a_provider_can_have_one_price_for_all_its_models_but_those_with_their_own() -> None:
    assert tariff("house/any") == Tariff(rates=Rates(input=0, cached_input=0, cache_write=0, output=0))
    dear = Rates(input=1_000_000, cached_input=1_000_000, cache_write=3_000_000, output=2_000_000)
    assert tariff("house/dear") == Tariff(rates=dear)


def test_tiers_and_hours_can_be_written() -> None:
    tiers = tariff("tiers/any")
    assert tiers is not None
    assert tiers.long_from == 200_000
    assert tiers.long_rates == Rates(input=3_000_000, cached_input=500_000, cache_write=3_000_000, output=4_000_000)
    assert tiers.peak == Peak(weekdays=frozenset({0, 4}), hours=((1, 4), (6, 10)), otherwise_percent=50)


def test_a_model_as_it_was_on_a_day_costs_what_the_model_costs() -> None:
    assert tariff("openai/gpt-6.1-sol-2026-10-01") == tariff("openai/gpt-6.1-sol")


@pytest.mark.parametrize("target", ["nobody/x", "openai/gpt-5", "openai/new"])
def test_of_what_nobody_told_the_price_there_is_none(target: str) -> None:
    assert tariff(target) is None
    assert price_of(Target.parse(target), SETTINGS) == "price unknown"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("openai/gpt-6.1-sol", "$2 in, $10 out"),
        ("openai/gpt-6-luna", "$0.07 in, $0.4 out"),
        ("house/any", "$0 in, $0 out"),
    ],
)
def test_a_price_in_words(target: str, words: str) -> None:
    assert price_of(Target.parse(target), SETTINGS) == words


def test_prices_are_exact() -> None:
    written = SETTINGS.providers["openai"].models["gpt-6-luna"].prices
    assert written is not None
    assert written.input == Decimal("0.07")
