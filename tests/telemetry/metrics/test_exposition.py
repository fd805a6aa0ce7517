"""What whoever fetches /metrics gets."""

import re

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from service.telemetry.metrics.exposition import PROCESS_SERIES
from service.telemetry.metrics.metrics import Metrics
from service.telemetry.metrics.table import TABLE
from tests.telemetry.metrics.reading import series
from tests.telemetry.metrics.test_calls import record

PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,*/*;q=0.2"
)


@pytest.mark.parametrize("accept", ["", "*/*", "text/html,text/plain;q=0.9"])
async def test_prometheus_text_is_for_everybody(accept: str, counted: Metrics) -> None:
    kind, text = counted.exposition(accept)
    assert kind == "text/plain; version=0.0.4; charset=utf-8"
    assert {metric.type for metric in prometheus(text.decode())} == {"counter", "gauge", "histogram"}


async def test_openmetrics_is_for_those_that_prefer_it(counted: Metrics) -> None:
    counted.ended(record())
    kind, text = counted.exposition(PROMETHEUS_3)
    assert kind == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    families = {metric.name: metric for metric in openmetrics(text.decode())}  # type: ignore[no-untyped-call]
    assert families["rpc_server_call_duration_seconds"].unit == "seconds"
    assert families["mainstay_calls"].type == "counter"


async def test_every_metric_is_told_with_the_question_it_answers(counted: Metrics) -> None:
    told = {metric.name: metric.documentation for metric in prometheus(counted.exposition("")[1].decode())}
    assert {instrument.family: instrument.question for instrument in TABLE}.items() <= told.items()


async def test_the_process_is_told_beside_and_has_as_many_series_as_the_page_says(counted: Metrics) -> None:
    everything, ours = series(counted.exposition, but=()), series(counted.exposition)
    assert "process_resident_memory_bytes" in everything
    assert len(everything) - len(ours) == PROCESS_SERIES


async def test_when_a_series_was_made_is_nobodys_business(counted: Metrics) -> None:
    counted.ended(record())
    assert not re.search(r"^mainstay\w*_created", counted.exposition("")[1].decode(), re.MULTILINE)
