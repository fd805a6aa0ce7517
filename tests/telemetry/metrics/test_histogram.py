"""Our histogram counts as prometheus_client's does."""

import prometheus_client
from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.metrics.histogram import Histogram

BOUNDS = (0.5, 1.0, 2.5)
VALUES = st.one_of(st.floats(0, 5), st.sampled_from([0.0, *BOUNDS]))


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), VALUES)))
def test_it_tells_the_same_samples(observed: list[tuple[str, float]]) -> None:
    ours = Histogram("x_seconds", "?", ["l"], unit="seconds", buckets=BOUNDS)
    theirs = prometheus_client.Histogram("x_seconds", "?", ["l"], unit="seconds", buckets=BOUNDS, registry=None)
    for label, value in observed:
        ours.labels(label).observe(value)
        theirs.labels(label).observe(value)
    told = [[sample for metric in each.collect() for sample in metric.samples] for each in (ours, theirs)]
    samples = [{(s.name, *s.labels.items()): s.value for s in each if not s.name.endswith("_created")} for each in told]
    assert samples[0] == samples[1]
    assert [(m.name, m.type, m.unit) for m in ours.collect()] == [(m.name, m.type, m.unit) for m in theirs.collect()]
