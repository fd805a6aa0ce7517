"""The catalog as people read it: plain text in aligned columns."""

from calendar import day_abbr
from collections.abc import Iterable, Iterator
from decimal import Decimal

from service.chat.capabilities import Capabilities
from service.chat.peak import Peak
from service.providers.catalog.row import ModelRow, Prices, Row
from service.providers.catalog.words import abilities, inabilities

_HEAD = ("model", "window", "output", "$/M in", "cached", "write", "out", "can", "cannot", "until", "source")
_UNKNOWN = "–"


def overview(rows: Iterable[Row]) -> str:
    """Every row and its models; the prices are US dollars for a million tokens."""
    lines: list[tuple[str, ...]] = [_HEAD]
    for row in rows:
        lines += [(f"{row.name}/{cells[0]}", *cells[1:]) for cells in _cells(row)]
        if not row.models:
            lines.append((f"{row.name}/…", *(_UNKNOWN for _ in _HEAD[2:]), str(row.source)))
    return "\n".join(_aligned(lines)) + "\n"


def detail(row: Row) -> str:
    """All that is known of one vendor."""
    facts = [
        ("base_url", row.base_url or "one of your own"),
        *(("elsewhere", url) for url in row.elsewhere),
        ("auth", row.auth),
        ("source", str(row.source)),
    ]
    lines = [row.name, *_aligned([("", *fact) for fact in facts])]
    if row.models:
        lines += ["", *_aligned([_HEAD, *_cells(row)])]
    long = [(model.name, *_long(model)) for model in row.models if model.long_from]
    if long:
        lines += ["", *_aligned([("model", "questions of more than", "$/M in", "cached", "write", "out"), *long])]
    hours = [(model.name, *_hours(model.peak)) for model in row.models if model.peak]
    if hours:
        lines += ["", *_aligned([("model", "these prices hold, in UTC", "else"), *hours])]
    return "\n".join(lines) + "\n"


def _cells(row: Row) -> list[tuple[str, ...]]:
    return [_cells_of(model, row.capabilities(model.name)) for model in row.models]


def _cells_of(model: ModelRow, can: Capabilities) -> tuple[str, ...]:
    return (
        model.name,
        _count(can.context_tokens),
        _count(can.max_output_tokens),
        *_prices(model.prices),
        " ".join(abilities(can)) or _UNKNOWN,
        " ".join(inabilities(can)) or _UNKNOWN,
        str(model.retires or _UNKNOWN),
        str(model.source),
    )


def _long(model: ModelRow) -> tuple[str, ...]:
    return f"{_count(model.long_from)} tokens", *_prices(model.long_prices)


def _hours(peak: Peak) -> tuple[str, str]:
    days = " ".join(day_abbr[day] for day in sorted(peak.weekdays))
    hours = ", ".join(f"{start}–{end} h" for start, end in peak.hours)
    return f"{days} {hours}", f"{peak.otherwise_percent} %"


def _prices(prices: Prices) -> Iterable[str]:
    return map(_price, (prices.input, prices.cached_input, prices.cache_write, prices.output))


def _count(number: int | None) -> str:
    return _UNKNOWN if number is None else f"{number:,}"


def _price(price: Decimal | None) -> str:
    return _UNKNOWN if price is None else f"{price.normalize():f}"


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
