"""Our prices beside those of genai-prices, where it knows the model: every difference is listed, with its reason.

`python -m tests.providers.catalog.test_prices` prints all of it.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price

from service.providers.catalog import ROWS, ModelRow, Prices

THEIRS = {
    "anthropic": "anthropic",
    "deepseek": "deepseek",
    "gemini": "google",
    "groq": "groq",
    "mistral": "mistral",
    "moonshot": "moonshotai",
    "openai": "openai",
    "xai": "x-ai",
    "zhipu": "zai",  # our prices are those of api.z.ai
}
"""Their name of each vendor that they know; of Qwen, Doubao and ERNIE they know nothing."""
PEAK = datetime(2026, 11, 20, 2, tzinfo=UTC)
QUIET = datetime(2026, 11, 20, 12, tzinfo=UTC)
MILLION = 1_000_000

KNOWN: dict[str, tuple[float, float, str]] = {}
"""Ours, theirs, and why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One price of one model, in dollars for a million tokens. Theirs is None: they do not know it."""

    what: str
    ours: Decimal
    theirs: Decimal | None


def pairs() -> Iterator[Pair]:
    """All prices of ours whose vendor they know."""
    for name, vendor in THEIRS.items():
        for model in ROWS[name].models if name in ROWS else ():
            yield from _of_model(name, vendor, model)


def _of_model(name: str, vendor: str, model: ModelRow) -> Iterator[Pair]:
    yield from _of_prices(f"{name}/{model.name}", vendor, model.name, model.prices, 0, PEAK)
    if model.peak is not None:
        share = Decimal(model.peak.otherwise_percent) / 100
        quiet = Prices(
            input=_times(model.prices.input, share),
            cached_input=_times(model.prices.cached_input, share),
            output=_times(model.prices.output, share),
        )
        yield from _of_prices(f"{name}/{model.name} off-peak", vendor, model.name, quiet, 0, QUIET)
    if model.long_from is not None:
        what = f"{name}/{model.name} long"
        yield from _of_prices(what, vendor, model.name, model.long_prices, model.long_from + 1, PEAK)


def _of_prices(what: str, vendor: str, model: str, prices: Prices, asked: int, when: datetime) -> Iterator[Pair]:
    for part in ("input", "cached_input", "cache_write", "output"):
        ours = getattr(prices, part)
        if ours is not None:
            yield Pair(f"{what} {part}", ours, _theirs(vendor, model, part, asked, when))


def _theirs(vendor: str, model: str, part: str, asked: int, when: datetime) -> Decimal | None:
    """What they ask for one token more of that part, in an else plain question of `asked` tokens, times a million."""
    few, more = _usage(part, asked, 1000), _usage(part, asked, 2000)
    try:
        costs = [
            calc_price(usage, model, provider_id=vendor, genai_request_timestamp=when).total_price
            for usage in (few, more)
        ]
    except LookupError:
        return None
    return (costs[1] - costs[0]) * MILLION / 1000


def _usage(part: str, asked: int, tokens: int) -> Usage:
    match part:
        case "output":
            return Usage(input_tokens=asked, output_tokens=tokens)
        case "cached_input":
            return Usage(input_tokens=asked + tokens, cache_read_tokens=tokens)
        case "cache_write":
            return Usage(input_tokens=asked + tokens, cache_write_tokens=tokens)
        case _:
            return Usage(input_tokens=asked + tokens)


def _times(price: Decimal | None, share: Decimal) -> Decimal | None:
    return None if price is None else price * share


def differences() -> dict[str, tuple[Decimal, Decimal]]:
    """Ours and theirs, where both are known and not the same."""
    return {
        pair.what: (pair.ours, pair.theirs) for pair in pairs() if pair.theirs is not None and pair.theirs != pair.ours
    }


def test_most_of_our_prices_are_known_to_them() -> None:
    known = [pair for pair in pairs() if pair.theirs is not None]
    assert len(known) >= 50


def test_every_difference_is_known_with_its_reason() -> None:
    listed = {what: (Decimal(str(ours)), Decimal(str(theirs))) for what, (ours, theirs, _) in KNOWN.items()}
    assert differences() == listed, "mend the row, or list the difference with its reason"


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("openai/gpt-6.1-sol", "gpt-6.1-sol-2026-10-01"),
        ("openai/gpt-6-luna", "gpt-6-luna-2026-09-01"),
        ("anthropic/claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("anthropic/claude-opus-5-5", "claude-opus-5-5-20261001"),
    ],
)
def test_a_model_as_it_was_on_a_day_costs_the_same_to_them_too(name: str, day: str) -> None:
    row, _, model = name.partition("/")
    known = ROWS[row].model(day)
    assert known is not None
    assert known.name == model
    for pair in _of_model(name, THEIRS[row], replace(known, name=day)):
        assert pair.ours == pair.theirs, pair.what


def lines() -> Iterator[str]:
    """All of it, for people."""
    for pair in pairs():
        remark = "not known to them" if pair.theirs is None else "" if pair.ours == pair.theirs else "DIFFERS"
        theirs = "" if pair.theirs is None else f"{pair.theirs.normalize():f}"
        yield f"{pair.what:<45} {pair.ours.normalize():>10f} {theirs:>10} {remark}".rstrip() + "\n"


if __name__ == "__main__":
    sys.stdout.writelines(lines())
