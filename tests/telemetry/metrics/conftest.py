"""Metrics that a test can tell things to, and read."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.chat.target import Target
from service.composition.measured import known
from service.config import load
from service.providers import catalog
from service.telemetry.metrics.known import Known
from service.telemetry.metrics.metrics import Measuring, Metrics, metrics
from service.telemetry.resource import resource

KNOWN = Known(
    version="1.2",
    digest="abc",
    routes=("fast", "slow"),
    targets=(Target("one", "m"), Target("two", "m")),
    rules=("default", "price"),
    providers={"one": True, "two": True, "off": False},
)


@pytest.fixture
async def counted() -> AsyncIterator[Metrics]:
    """With two routes, two targets, two rules and three providers."""
    async with metrics(resource(KNOWN.version), Measuring(known=KNOWN)) as counted:
        yield counted


@pytest.fixture
def built_in(tmp_path: Path) -> Known:
    """What the configuration names that comes with the service."""
    return known(load(None, None, {}, tmp_path, catalog.defaults()))
