"""The service that is soaked: the routes of a plan, telemetry on."""

from collections.abc import Mapping
from typing import Any

from tests.soak.kinds import Kind
from tests.soak.plan import Plan

CACHE_ENTRIES = 1000


def configuration(plan: Plan, port: int, admin: int, provider: int) -> Mapping[str, Any]:
    """As config.yaml says it."""
    return {
        "server": {"address": f"127.0.0.1:{port}", "admin_address": f"127.0.0.1:{admin}", "drain_notice": "0s"},
        "providers": {
            "soak": {
                "protocol": "openai",
                "base_url": f"http://127.0.0.1:{provider}/v1",
                "auth": "none",
                **plan.provider,
            },
        },
        "routes": {kind.route: _route(kind) for kind in plan.kinds if not kind.shares},
        "cache": {"max_entries": CACHE_ENTRIES},
        "telemetry": {
            "traces": {"exporter": "otlp", "ratio": 0.05},
            "metrics": {"exporter": "otlp", "interval": "10s"},
        },
    }


def _route(kind: Kind) -> Mapping[str, Any]:
    return {
        "targets": [f"soak/{model}" for model in kind.targets],
        "tries": {"first": 2, "later": 1},
        "degrade": not kind.fails,
        "cache": {"use": kind.questions > 1, "ttl": "1h"},
        **kind.settings,
    }
