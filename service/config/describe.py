"""What `mainstayd check` prints: where the server listens, and which targets a call could go to."""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from service.chat.target import Target
from service.config.identification import keys_of
from service.config.secret import MASK
from service.config.settings import Settings

Price = Callable[[Target], str]
"""What a target costs, in a few words."""


def describe(settings: Settings, price: Price, warnings: Iterable[object] = ()) -> str:
    """Plain text in aligned columns, the same for the same settings; a key shows as `***`.

    Prices are US dollars for a million tokens. `warnings` stand at the end.
    """
    lines = [*_lines(settings, price), *_warnings(warnings)]
    return "\n".join(lines) + "\n"


def _warnings(warnings: Iterable[object]) -> Iterator[str]:
    for index, warning in enumerate(warnings):
        if not index:
            yield ""
        yield f"warning: {warning}"


def _lines(settings: Settings, price: Price) -> Iterator[str]:
    yield f"server {settings.server.address}"
    yield f"admin  {settings.server.admin_address or 'off'}"
    routed: set[str] = set()
    for name, route in sorted(settings.routes.items()):
        usable = len(settings.usable_targets(name))
        yield ""
        yield f"route {name}: {usable} of {len(route.targets)} targets usable"
        yield from _aligned(
            (str(target), *_provider(settings, target.provider), price(target)) for target in route.targets
        )
        routed |= {target.provider for target in route.targets}
    unrouted = sorted(settings.providers.keys() - routed)
    if unrouted:
        yield ""
        yield "in no route, only by provider/model:"
        yield from _aligned((f"{name}/…", *_provider(settings, name)) for name in unrouted)


def _provider(settings: Settings, name: str) -> tuple[str, str]:
    return settings.providers[name].base_url, settings.why_unusable(name) or f"usable, {_identified(settings, name)}"


def _identified(settings: Settings, name: str) -> str:
    """Who we are to it, and which keys of several are missing."""
    provider = settings.providers[name]
    keys = list(keys_of(provider))
    if provider.oauth is not None:
        return f"tokens from {urlsplit(provider.oauth.token_url).hostname}"
    if len(keys) < 2:
        return f"key {MASK}" if keys else "no key needed"
    there = ", ".join(f"{known.name} {MASK}" for known in keys if known.key is not None)
    lacking = [f"no key {known.name}: set {settings.where_to_set(name, known.path)}" for known in keys if not known.key]
    return "; ".join([f"keys {there}", *lacking])


def _aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
