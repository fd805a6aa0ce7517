"""Prices times tokens."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.peak import Peak
from service.policies.cost import BILLED, MOST_NANO_USD, Rates, Tariff, cost, picodollars

USD = Rates(input=2_000_000, cached_input=200_000, cache_write=2_500_000, output=10_000_000)  # 2, 0.2, 2.5 and 10
PLAIN = Tariff(rates=USD)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
COUNTS = st.integers(min_value=0, max_value=10**7)


def usage(asked: int, answered: int = 0, **parts: int) -> pb.Usage:
    return pb.Usage(input_tokens=asked, output_tokens=answered, **parts)  # type: ignore[arg-type]


def test_a_million_tokens_cost_their_price() -> None:
    assert cost(PLAIN, usage(1_000_000, 1_000_000), NOON) == 12 * 10**9


def test_what_was_cached_and_what_was_kept_cost_their_own_price_and_only_that() -> None:
    counted = usage(1000, 10, cached_input_tokens=300, cache_write_tokens=200)
    assert cost(PLAIN, counted, NOON) == 500 * 2000 + 300 * 200 + 200 * 2500 + 10 * 10_000


def test_reasoning_is_part_of_the_answer() -> None:
    assert cost(PLAIN, usage(0, 100, reasoning_tokens=90), NOON) == cost(PLAIN, usage(0, 100), NOON)


@pytest.mark.parametrize(
    ("lacks", "counted", "known"),
    [
        ("input", usage(1, 1), False),
        ("output", usage(1, 1), False),
        ("cached_input", usage(2, cached_input_tokens=1), False),
        ("cache_write", usage(2, cache_write_tokens=1), False),
        ("output", usage(1, 0), True),
        ("cached_input", usage(2, cached_input_tokens=0), True),
        ("cache_write", usage(2, 1), True),
    ],
)
def test_an_unknown_price_makes_the_cost_unknown_where_it_counts(lacks: str, counted: pb.Usage, known: bool) -> None:
    rates = {name: getattr(USD, name) for name in ("input", "cached_input", "cache_write", "output") if name != lacks}
    assert (cost(Tariff(rates=Rates(**rates)), counted, NOON) is not None) is known


def test_a_long_question_costs_more_as_a_whole() -> None:
    tariff = Tariff(rates=USD, long_from=1000, long_rates=Rates(input=4_000_000, output=15_000_000))
    assert cost(tariff, usage(1000, 1), NOON) == 1000 * 2000 + 10_000
    assert cost(tariff, usage(1001, 1), NOON) == 1001 * 4000 + 15_000
    assert cost(tariff, usage(1001, cached_input_tokens=1), NOON) is None


def test_outside_the_peak_a_share_is_asked() -> None:
    peak = Peak(weekdays=frozenset({4}), hours=((12, 13),), otherwise_percent=50)
    tariff = Tariff(rates=USD, peak=peak)
    assert cost(tariff, usage(100), NOON) == 200_000
    assert cost(tariff, usage(100), NOON + 3600) == 100_000


def test_parts_that_are_larger_than_the_whole_are_cut_to_it() -> None:
    assert cost(PLAIN, usage(7, cached_input_tokens=163), NOON) == 7 * 200
    assert cost(PLAIN, usage(7, cached_input_tokens=4, cache_write_tokens=163), NOON) == 4 * 200 + 3 * 2500


def test_what_nobody_can_have_spent_is_unknown() -> None:
    assert cost(PLAIN, usage(1 << 53, 1 << 53), NOON) is None
    assert cost(PLAIN, usage(MOST_NANO_USD // 2000), NOON) == MOST_NANO_USD


def test_nothing_costs_nothing() -> None:
    assert cost(PLAIN, pb.Usage(), NOON) == 0


@pytest.mark.parametrize("price", ["0.000001", "0.003", "0.388126", "3.96", "2000"])
def test_a_price_of_six_decimals_is_kept_exactly(price: str) -> None:
    rate = picodollars(Decimal(price))
    assert rate is not None
    assert Decimal(rate) / 10**6 == Decimal(price)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_it_is_the_exact_sum_rounded_once(asked: int, answered: int, cached: int, written: int) -> None:
    rates = Rates(input=388_126, cached_input=1, cache_write=0, output=4_312_501)
    cached = min(cached, asked)
    written = min(written, asked - cached)
    exact = (asked - cached - written) * Decimal("388.126") + cached * Decimal("0.001") + answered * Decimal("4312.501")
    counted = usage(asked, answered, cached_input_tokens=cached, cache_write_tokens=written)
    got = cost(Tariff(rates=rates), counted, NOON)
    assert got is not None
    assert abs(got - exact) <= Decimal("0.5")


@given(COUNTS, COUNTS, COUNTS)
def test_caching_never_makes_it_dearer(asked: int, answered: int, cached: int) -> None:
    fresh, kept = (
        cost(PLAIN, usage(asked, answered), 0),
        cost(PLAIN, usage(asked, answered, cached_input_tokens=cached), 0),
    )
    assert fresh is not None
    assert kept is not None
    assert 0 <= kept <= fresh


def test_every_kind_of_failure_is_known_to_be_billed_or_not() -> None:
    free = {
        *("RATE_LIMITED", "QUOTA_EXHAUSTED", "OVERLOADED", "UNREACHABLE", "BAD_CREDENTIALS", "PERMISSION", "BILLING"),
        *("MODEL_NOT_FOUND", "INVALID_REQUEST", "CONTEXT_TOO_LONG", "CONTENT_FILTERED", "CIRCUIT_OPEN", "UNSUPPORTED"),
        *("UNKNOWN", "REJECTED_PARAMETER", "NOT_CACHED", "UNSPECIFIED"),
    }
    billed = {pb.FailureKind.Name(kind).removeprefix("FAILURE_KIND_") for kind in BILLED}
    assert billed | free == {name.removeprefix("FAILURE_KIND_") for name, _ in pb.FailureKind.items()}
    assert billed & free == set()
