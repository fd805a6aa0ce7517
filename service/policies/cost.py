"""What an attempt costs: prices times tokens, in whole numbers.

A picodollar for a token is a dollar for a million million tokens, so a price that is written with at most six decimals,
in dollars for a million tokens, is a whole number of them; sums are exact, and are rounded once.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from mainstay import v1 as pb
from service.chat.peak import Peak

MOST_NANO_USD = 10**15
"""A million dollars. No attempt costs that: who counts so many tokens is mistaken, and what it cost is unknown."""
BILLED = frozenset(
    {
        pb.FAILURE_KIND_TOO_SLOW,
        pb.FAILURE_KIND_STALLED,
        pb.FAILURE_KIND_CUT_OFF,
        pb.FAILURE_KIND_EMPTY,
        pb.FAILURE_KIND_MALFORMED,
        pb.FAILURE_KIND_OUT_OF_TIME,
        pb.FAILURE_KIND_CANCELLED,
    }
)
"""Failures of requests that a provider has taken on, and so charges for. The others it turned away, or never got."""

_PICO = 10**6
_PICO_PERCENT = 100_000
"""Hundredths of a picodollar in a nanodollar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Picodollars for a token. None: unknown."""

    input: int | None = None
    cached_input: int | None = None
    cache_write: int | None = None
    output: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What one model costs."""

    rates: Rates
    long_from: int | None = None
    """Questions of more tokens than this cost `long_rates`, all of their tokens do. None: all cost the same."""
    long_rates: Rates = field(default_factory=Rates)
    peak: Peak | None = None
    """None: it costs the same at all times."""


def picodollars(price: Decimal | None) -> int | None:
    """The rate that a price in dollars for a million tokens stands for."""
    return None if price is None else round(price * _PICO)


def cost(tariff: Tariff, usage: pb.Usage, when: float) -> int | None:
    """Nanodollars for so many tokens, at `when` in seconds since 1970. None: a price that counts is unknown.

    Of the input some is cached and some is written to the cache; each costs its own price and none costs two. A
    provider that says nothing of them asks the price of plain input. Reasoning is output.
    """
    asked = usage.input_tokens
    cached = min(usage.cached_input_tokens, asked)  # vendors have counted more of a part than there was of the whole
    written = min(usage.cache_write_tokens, asked - cached)
    rates = tariff.rates if tariff.long_from is None or asked <= tariff.long_from else tariff.long_rates
    total = 0
    for tokens, rate in (
        (asked - cached - written, rates.input),
        (cached, rates.cached_input),
        (written, rates.cache_write),
        (usage.output_tokens, rates.output),
    ):
        if tokens > 0:
            if rate is None:
                return None
            total += tokens * rate
    percent = 100 if tariff.peak is None or tariff.peak.holds(when) else tariff.peak.otherwise_percent
    nano = (total * percent + _PICO_PERCENT // 2) // _PICO_PERCENT
    return nano if nano <= MOST_NANO_USD else None
