"""What targets cost: the configuration goes before the catalog."""

from service.chat.peak import Peak
from service.chat.target import Target
from service.composition.resolve import model_row
from service.config import PriceSettings, Settings
from service.config.prices import WEEKDAYS, FlatPriceSettings, PeakSettings
from service.policies.cost import Rates, Tariff, picodollars
from service.providers.catalog import ModelRow, Prices


def tariff_of(target: Target, settings: Settings) -> Tariff | None:
    """What a target costs; None: nothing is known."""
    written = _written_prices(target, settings)
    if written is not None:
        return _written_tariff(written)
    known = model_row(target, settings)
    return _tariff(known) if known is not None and known.prices != Prices() else None


def price_of(target: Target, settings: Settings) -> str:
    """The same in a few words: dollars for a million tokens, of an ordinary question."""
    written = _written_prices(target, settings)
    known = model_row(target, settings)
    prices = written or (known.prices if known else Prices())
    if prices.input is None or prices.output is None:
        return "price unknown"
    return f"${prices.input.normalize():f} in, ${prices.output.normalize():f} out"


def _written_prices(target: Target, settings: Settings) -> PriceSettings | None:
    provider = settings.providers[target.provider]
    model = provider.models.get(target.model)
    return (model.prices if model else None) or provider.prices


def _written_tariff(prices: PriceSettings) -> Tariff:
    return Tariff(
        rates=_written_rates(prices),
        long_from=prices.long_from,
        long_rates=_written_rates(prices.long_prices) if prices.long_prices else Rates(),
        peak=_written_peak(prices.peak) if prices.peak else None,
    )


def _written_peak(peak: PeakSettings) -> Peak:
    return Peak(
        weekdays=frozenset(WEEKDAYS.index(day) for day in peak.weekdays),
        hours=peak.hours,
        otherwise_percent=peak.otherwise_percent,
    )


def _written_rates(prices: FlatPriceSettings) -> Rates:
    plain = picodollars(prices.input)
    return Rates(
        input=plain,
        cached_input=plain if prices.cached_input is None else picodollars(prices.cached_input),
        cache_write=plain if prices.cache_write is None else picodollars(prices.cache_write),
        output=picodollars(prices.output),
    )


def _tariff(known: ModelRow) -> Tariff:
    return Tariff(
        rates=_rates(known.prices), long_from=known.long_from, long_rates=_rates(known.long_prices), peak=known.peak
    )


def _rates(prices: Prices) -> Rates:
    return Rates(
        input=picodollars(prices.input),
        cached_input=picodollars(prices.cached_input),
        cache_write=picodollars(prices.cache_write),
        output=picodollars(prices.output),
    )
