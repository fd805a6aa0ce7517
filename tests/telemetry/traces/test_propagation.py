"""Trace context, in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.context import Context
from opentelemetry.trace import get_current_span

from service.telemetry.traces import w3c
from service.telemetry.traces.held import HeldSpan
from service.telemetry.traces.holding import HoldingTracer
from service.telemetry.traces.propagation import propagation
from service.telemetry.traces.sampling import Head

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


def passed_on(**headers: str) -> dict[str, str]:
    return w3c.inject(get_current_span(w3c.extract(headers)))


@pytest.mark.parametrize(
    ("traceparent", "seen"),
    [
        (PARENT, PARENT),
        (f"00-{TRACE}-{SPAN}-00", f"00-{TRACE}-{SPAN}-00"),
        (f"00-{TRACE}-{SPAN}-03", f"00-{TRACE}-{SPAN}-03"),
        (f"00-{TRACE}-{SPAN}-ff", f"00-{TRACE}-{SPAN}-03"),  # flags that nobody knows go no further
        (f"cc-{TRACE}-{SPAN}-01", PARENT),  # of later versions what we know is used
        (f"cc-{TRACE}-{SPAN}-01-what-else", PARENT),
        (f"00-{TRACE}-{SPAN}-01-what-else", None),
        (f"ff-{TRACE}-{SPAN}-01", None),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{SPAN}-01", None),
        (f"00-{TRACE}-{SPAN}", None),
        (f" {PARENT}", None),
        (f"{PARENT}\n", None),
        ("", None),
        ("0" * 10_000, None),
    ],
)
def test_traceparent_is_read_as_w3c_has_it(traceparent: str, seen: str | None) -> None:
    assert passed_on(traceparent=traceparent) == ({} if seen is None else {"traceparent": seen})


@pytest.mark.parametrize(
    ("tracestate", "seen"),
    [
        ("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"),
        (" a=1 ,\tb=2,, ", "a=1,b=2"),
        ("tenant@system=x y", "tenant@system=x y"),
        ("a=1,a=2", None),
        ("a=1,B=2", None),
        ("a=1\r\nevil: yes", None),
        ("a=\x07", None),
        ("", None),
        (",".join(f"k{number:03}={'v' * 20}" for number in range(40)), 512),
        (f"a={'x' * 600}", None),
    ],
)
def test_tracestate_goes_on_within_its_bound_or_not_at_all(tracestate: str, seen: str | int | None) -> None:
    told = passed_on(traceparent=PARENT, tracestate=tracestate).get("tracestate")
    if isinstance(seen, int):
        assert told is not None
        assert seen - 26 < len(told) <= seen
        assert tracestate.startswith(told)
    else:
        assert told == seen


def test_there_is_no_tracestate_without_a_traceparent() -> None:
    assert passed_on(tracestate="a=1") == {}


@given(st.dictionaries(st.sampled_from(["traceparent", "tracestate", "b3", "uber-trace-id"]), st.text(max_size=600)))
def test_whatever_a_caller_sends_is_read_without_an_error_and_passed_on_as_plain_text(headers: dict[str, str]) -> None:
    for names in (["tracecontext"], ["b3"], ["b3multi"], ["jaeger"], ["tracecontext", "b3", "b3multi", "jaeger"]):
        told = propagation(names)
        for value in told.inject(get_current_span(told.extract(headers))).values():
            assert value.isascii()
            assert value.isprintable()


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("tracecontext", {"traceparent": PARENT}),
        ("b3", {"b3": f"{TRACE}-{SPAN}-1"}),
        ("b3multi", {"x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "1"}),
        ("jaeger", {"uber-trace-id": f"{TRACE}:{SPAN}:{'0' * 16}:03"}),  # the library adds Jaeger's debug flag
    ],
)
def test_each_format_is_read_and_written(name: str, headers: dict[str, str]) -> None:
    told = propagation([name])
    span = get_current_span(told.extract(headers)).get_span_context()
    assert (f"{span.trace_id:032x}", f"{span.span_id:016x}", span.trace_flags.sampled) == (TRACE, SPAN, True)
    assert told.inject(get_current_span(told.extract(headers))) == headers


def test_of_several_formats_the_first_that_was_used_is_read_and_all_are_written() -> None:
    told = propagation(["b3", "tracecontext"])
    other = "f" * 32
    context = told.extract({"traceparent": PARENT, "b3": f"{other}-{SPAN}-1"})
    assert told.inject(get_current_span(context)) == {"traceparent": f"00-{other}-{SPAN}-01", "b3": f"{other}-{SPAN}-1"}
    assert told.inject(get_current_span(told.extract({"traceparent": PARENT})))["b3"] == f"{TRACE}-{SPAN}-1"


def test_no_format_at_all_reads_and_writes_nothing() -> None:
    told = propagation([])
    span = get_current_span(w3c.extract({"traceparent": PARENT}))
    assert (told.extract({"traceparent": PARENT}), told.inject(span)) == (Context(), {})


def test_baggage_goes_no_further() -> None:
    told = propagation(["jaeger"])
    context = told.extract({"uber-trace-id": f"{TRACE}:{SPAN}:0:1", "uberctx-user": "canary"})
    assert "canary" not in str(told.inject(get_current_span(context)))


@pytest.mark.parametrize(
    ("headers", "sampled"),
    [
        ({"b3": "0"}, False),
        ({"b3": "1"}, True),
        ({"b3": "d"}, True),
        ({"x-b3-sampled": "0"}, False),
        ({"x-b3-sampled": "1"}, True),
        ({"x-b3-sampled": "0", "x-b3-flags": "1"}, True),
        ({"b3": "what"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("name", ["b3", "b3multi"])
@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_a_b3_caller_decides_about_sampling_without_naming_a_trace(
    ratio: float, name: str, headers: dict[str, str], sampled: bool | None
) -> None:
    told, released = propagation([name]), list[object]()
    tracer = HoldingTracer(head=Head(ratio), slow=60, release=released.extend)
    span = tracer.start_span("call", told.extract(headers))
    assert span.get_span_context().is_valid
    assert told.inject(span)
    span.end()
    assert bool(released) == (ratio == 1 if sampled is None else sampled)
    assert isinstance(span, HeldSpan)
    assert span.parent is None
