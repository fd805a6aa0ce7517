"""The service under test: everything built in switched on, and two providers that are the same mock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RATIO = 0.05
"""The share of calls whose spans are exported."""
PACED = "paced-c200p5000d0"
"""The mock takes 200 chunks, 5 ms apart, from the model's name."""
PLAIN_ROUTE, CACHED_ROUTE, PACED_ROUTE = "bench", "cached", "paced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """All on loopback."""

    service: int
    admin: int
    mock: int
    turnstile: int


def configuration(ports: Ports, *, traces: bool) -> Mapping[str, Any]:
    """As config.yaml says it; degradation and its rules are built in."""
    address = "127.0.0.1"
    return {
        "server": {
            "address": f"{address}:{ports.service}",
            "admin_address": f"{address}:{ports.admin}",
            "log_level": "info",
            "drain_notice": "0s",
        },
        "providers": {
            "mock": _provider(ports.mock),
            "spare": _provider(ports.mock),
            "counted": _provider(ports.turnstile),
        },
        "routes": {
            PLAIN_ROUTE: _route("mock", "gpt-4o-mini"),
            CACHED_ROUTE: _route("counted", "gpt-4o-mini") | {"cache": {"use": True, "ttl": "1h"}},
            PACED_ROUTE: _route("mock", PACED),
        },
        "telemetry": {
            "traces": {"exporter": "otlp" if traces else "none", "ratio": RATIO},
            "metrics": {"exporter": "otlp", "interval": "10s"},
        },
    }


def _provider(port: int) -> Mapping[str, str]:
    return {"protocol": "openai", "base_url": f"http://127.0.0.1:{port}/v1", "auth": "none"}


def _route(provider: str, model: str) -> dict[str, Any]:
    return {"targets": [f"{provider}/{model}", f"spare/{model}"], "degrade": True}
