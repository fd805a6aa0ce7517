"""What `mainstayd check` prints: where the server listens, and which targets a call could go to."""

from collections.abc import Iterable, Iterator

from service.config.secret import MASK
from service.config.settings import Settings


def describe(settings: Settings) -> str:
    """Plain text in aligned columns, the same for the same settings; a key shows as `***`."""
    return "\n".join(_lines(settings)) + "\n"


def _lines(settings: Settings) -> Iterator[str]:
    yield f"server {settings.server.address}"
    yield f"admin  {settings.server.admin_address or 'off'}"
    routed: set[str] = set()
    for name, route in sorted(settings.routes.items()):
        usable = len(settings.usable_targets(name))
        yield ""
        yield f"route {name}: {usable} of {len(route.targets)} targets usable"
        yield from _aligned((str(target), *_provider(settings, target.provider)) for target in route.targets)
        routed |= {target.provider for target in route.targets}
    unrouted = sorted(settings.providers.keys() - routed)
    if unrouted:
        yield ""
        yield "in no route, only by provider/model:"
        yield from _aligned((f"{name}/…", *_provider(settings, name)) for name in unrouted)


def _provider(settings: Settings, name: str) -> tuple[str, str]:
    provider = settings.providers[name]
    usable = "usable, no key needed" if provider.auth == "none" else f"usable, key {MASK}"
    return provider.base_url, settings.why_unusable(name) or usable


def _aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    table = list(rows)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
