"""What can be said about the cache."""

import pytest

from service.config import CacheSettings, RouteCacheSettings, Settings
from tests.config.conftest import Folder


def test_no_shipped_route_is_answered_from_the_cache(folder: Folder) -> None:
    settings = folder.load()
    assert settings.routes
    assert not any(route.cache.use or route.cache.stale for route in settings.routes.values())


def test_the_defaults_are_those_of_the_design() -> None:
    assert Settings().cache == CacheSettings(max_bytes="64MiB", max_entries=10_000)  # type: ignore[arg-type]
    assert RouteCacheSettings() == RouteCacheSettings(
        use=False,
        ttl="1h",  # type: ignore[arg-type]
        fallback_ttl="60s",  # type: ignore[arg-type]
        stale=False,
        stale_ttl="24h",  # type: ignore[arg-type]
        tool_calls=False,
    )


def test_all_of_it_can_be_written(folder: Folder) -> None:
    folder.write("""
        cache: {max_bytes: 1GiB, max_entries: 7}
        routes: {default: {cache: {use: true, ttl: 2h, fallback_ttl: 0s, stale: true, stale_ttl: 7h, tool_calls: true}}}
    """)
    settings = folder.load(MAINSTAY__CACHE__MAX_ENTRIES="8")
    assert (settings.cache.max_bytes, settings.cache.max_entries) == (2**30, 8)
    cache = settings.routes["default"].cache
    assert (cache.use, cache.ttl, cache.fallback_ttl, cache.tool_calls) == (True, 7200, 0, True)
    assert (cache.stale, cache.stale_ttl) == (True, 25_200)
    assert not settings.routes["smart"].cache.use


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("cache: {max_bytes: 1KiB}", "cache.max_bytes: "),
        ("cache: {max_bytes: 64}", "cache.max_bytes: needs a unit"),
        ("cache: {max_entries: 0}", "cache.max_entries: "),
        ("cache: {size: 1}", "cache.size: unknown key"),
        ("routes: {default: {cache: {ttl: 31d}}}", "routes.default.cache.ttl: "),
        ("routes: {default: {cache: {fallback_ttl: 9999h}}}", "routes.default.cache.fallback_ttl: "),
        ("routes: {default: {cache: {stale_ttl: 9999h}}}", "routes.default.cache.stale_ttl: "),
        ("routes: {default: {cache: true}}", "routes.default.cache: "),
    ],
)
def test_what_makes_no_sense_is_told_at_its_place(folder: Folder, text: str, problem: str) -> None:
    folder.write(text)
    told = folder.problems()
    assert len(told) == 1
    assert problem in told[0]
