"""Afterwards: whether log, spans and provider agree that the calls were what they were taken for."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Any

import orjson

from tests.bench.configuration import CACHED_ROUTE, RATIO
from tests.bench.processes import Wrong
from tests.bench.verify import expect

SIGMAS = 6.0
"""Standard deviations by which chance may miss the ratio: once in half a billion benches."""

Ended = tuple[str, str, str, int]
"""Route, status, source and attempts of a call."""


def ended_calls(log: Iterable[bytes]) -> Counter[Ended]:
    """The access lines of a log, counted. Raises Wrong for a line that is no JSON."""
    return Counter(_ended(line) for line in map(_parsed, log) if line.get("event") == "call")


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        return dict(orjson.loads(line))
    except ValueError:
        raise Wrong(f"a line of the log is no JSON: {line[:200]!r}") from None


def _ended(line: Mapping[str, Any]) -> Ended:
    return line.get("route", ""), line["status"], line.get("source", ""), line.get("attempts", 0)


def expect_calls(found: Counter[Ended], sent: Mapping[str, int]) -> None:
    """One line for each call that was sent on a route, all answered by the model, or from the cache. Raises Wrong."""
    wanted = Counter[Ended]()
    for route, calls in sent.items():
        if route == CACHED_ROUTE:
            wanted[route, "OK", "MODEL", 1] = 1
            wanted[route, "OK", "CACHE", 0] = calls - 1
        else:
            wanted[route, "OK", "MODEL", 1] = calls
    if found != wanted:
        raise Wrong(f"the log does not tell of the calls that were sent: {_told(found - wanted, wanted - found)}")


def _told(more: Counter[Ended], fewer: Counter[Ended]) -> str:
    pairs = [f"{count:+d} {ended}" for ended, count in more.items()]
    return ", ".join(pairs + [f"{-count:+d} {ended}" for ended, count in fewer.items()])


def expect_one_request(passed: int, services: int) -> None:
    """The cached route's provider was asked once by each service. Raises Wrong."""
    expect("requests to the cached route's provider", passed, services)


def expect_share_of_spans(roots: int, calls: int) -> None:
    """The receiver got the spans of about as many calls as it should. Raises Wrong."""
    wanted, chance = calls * RATIO, SIGMAS * sqrt(calls * RATIO * (1 - RATIO)) + 1
    if abs(roots - wanted) > chance:
        raise Wrong(f"of {calls} calls {roots} were exported as spans: expected {wanted:.0f} ± {chance:.0f}")
