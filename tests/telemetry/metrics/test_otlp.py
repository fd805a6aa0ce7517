"""Metrics as OpenTelemetry has them."""

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE, Metric
from opentelemetry.sdk.resources import Resource

from service.telemetry.metrics import table
from service.telemetry.metrics.instrument import Instrument, Kind
from service.telemetry.metrics.instruments import Instruments
from service.telemetry.metrics.otlp import Otlp


def pushed(instruments: Instruments) -> dict[str, Metric]:
    """On the wire: counting began at 7, now it is 7."""
    data = Otlp(instruments, Resource({}), "1.2", now=lambda: 7).collect()
    (resource,) = encode_metrics(data).resource_metrics
    (scope,) = resource.scope_metrics
    assert (scope.scope.name, scope.scope.version) == ("mainstay", "1.2")
    return {metric.name: metric for metric in scope.metrics}


def test_every_metric_of_the_table_has_its_own_name_unit_and_question() -> None:
    metrics = pushed(Instruments())
    assert {(m.name, m.unit, m.description) for m in metrics.values()} == {
        (instrument.name, instrument.unit, instrument.question) for instrument in table.TABLE
    }


def test_a_metric_is_of_the_kind_that_the_table_says() -> None:
    instruments = Instruments()
    for instrument in table.TABLE:
        values = ["x"] * (len(instrument.labels) - len(instrument.constants))
        touch(instruments, instrument, values)
    for instrument in table.TABLE:
        metric = pushed(instruments)[instrument.name]
        match instrument.kind:
            case Kind.COUNTER | Kind.UP_DOWN:
                assert metric.sum.is_monotonic is (instrument.kind is Kind.COUNTER)
                assert metric.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE
                assert [point.as_int for point in metric.sum.data_points] == [1]
            case Kind.GAUGE:
                assert [point.as_double for point in metric.gauge.data_points] == [1]
            case Kind.HISTOGRAM:
                assert metric.histogram.aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE
                (point,) = metric.histogram.data_points
                assert tuple(point.explicit_bounds) == instrument.buckets


def touch(instruments: Instruments, instrument: Instrument, values: list[str]) -> None:
    match instrument.kind:
        case Kind.COUNTER:
            instruments.counter(instrument)(*values).inc()
        case Kind.UP_DOWN | Kind.GAUGE:
            instruments.gauge(instrument)(*values).inc()
        case Kind.HISTOGRAM:
            instruments.histogram(instrument)(*values).observe(1)


def test_a_histogram_has_counts_by_bucket_a_sum_and_no_extremes() -> None:
    instruments = Instruments()
    series = instruments.histogram(table.OVERHEAD)("m")
    for seconds in (0.0001, 0.0002, 0.0002, 100.0):
        series.observe(seconds)
    (point,) = pushed(instruments)["mainstay.overhead.duration"].histogram.data_points
    assert list(point.bucket_counts) == [1, 2, *[0] * 13, 1]
    assert (point.count, point.sum) == (4, 100.0005)
    assert not point.HasField("min")
    assert not point.HasField("max")
    assert (point.start_time_unix_nano, point.time_unix_nano) == (7, 7)


def test_labels_have_dots_and_those_that_are_not_there_are_left_out() -> None:
    instruments = Instruments()
    instruments.histogram(table.OPERATION_DURATION)("p", "m", "").observe(1)
    (point,) = pushed(instruments)["gen_ai.client.operation.duration"].histogram.data_points
    assert {pair.key: pair.value.string_value for pair in point.attributes} == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "p",
        "gen_ai.request.model": "m",
    }
