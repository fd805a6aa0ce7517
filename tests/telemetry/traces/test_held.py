"""What is held of a call, and what becomes of it when the call is over."""

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from service.telemetry.traces.bounds import CONTENT_CHARACTERS, MOST_CHARACTERS, MOST_EVENTS, MOST_LINKS, MOST_SPANS
from service.telemetry.traces.held import HeldSpan
from service.telemetry.traces.holding import HoldingTracer
from service.telemetry.traces.sampling import Head
from tests.kit.spans import finished

SECOND = 1_000_000_000


class Calls:
    """A tracer, and what it let go."""

    def __init__(self, *, ratio: float = 0.0, slow: float = 30.0) -> None:
        self.released: list[list[str]] = []
        self.spans: list[HeldSpan] = []
        self.tracer = HoldingTracer(head=Head(ratio), slow=slow, release=self._release)

    def root(self, parent: SpanContext = INVALID_SPAN_CONTEXT) -> HeldSpan:
        span = self.tracer.start_span("root", set_span_in_context(NonRecordingSpan(parent), Context()))
        assert isinstance(span, HeldSpan)
        return span

    def child(self, parent: HeldSpan, name: str = "child") -> HeldSpan:
        span = self.tracer.start_span(name, set_span_in_context(parent, Context()))
        assert isinstance(span, HeldSpan)
        return span

    def _release(self, spans: object) -> None:
        assert isinstance(spans, list)
        self.spans += spans
        self.released.append([span.name for span in spans])


def caller(*, sampled: bool) -> SpanContext:
    return SpanContext(5, 7, is_remote=True, trace_flags=TraceFlags(int(sampled)))


def test_nothing_is_let_go_before_the_root_ends_and_then_everything_at_once() -> None:
    calls = Calls(ratio=1)
    root = calls.root()
    calls.child(root).end()
    assert calls.released == []
    root.end()
    assert calls.released == [["child", "root"]]


def test_a_call_that_went_well_is_forgotten_at_ratio_0() -> None:
    calls = Calls()
    root = calls.root()
    calls.child(root).end()
    root.end()
    assert calls.released == []


def test_a_call_that_failed_is_let_go() -> None:
    calls = Calls()
    root = calls.root()
    root.set_status(StatusCode.ERROR, "OVERLOADED")
    root.end()
    assert (calls.released, root.hold.kept) == ([["root"]], "failed")


def test_a_child_that_failed_is_no_reason() -> None:
    calls = Calls()
    root = calls.root()
    child = calls.child(root)
    child.set_status(StatusCode.ERROR)
    child.end()
    root.end()
    assert calls.released == []


def test_a_call_that_was_marked_is_let_go_for_the_first_reason() -> None:
    calls = Calls()
    root = calls.root()
    calls.child(root).keep("fell back")
    root.keep("degraded")
    root.end()
    assert root.hold.kept == "fell back"
    assert calls.released == [["root"]]


@pytest.mark.parametrize(("seconds", "kept"), [(1.9, ""), (2.0, "slow")])
def test_a_call_that_took_long_is_let_go(seconds: float, kept: str) -> None:
    root = Calls(slow=2).root()
    root.end(root.started + round(seconds * SECOND))
    assert root.hold.kept == kept


@pytest.mark.parametrize("kept", [True, False])
def test_a_child_that_ends_after_its_root_follows_what_was_decided(kept: bool) -> None:
    calls = Calls(ratio=float(kept))
    root = calls.root()
    late = calls.child(root, "late")
    root.end()
    late.end()
    assert calls.released == ([["root"], ["late"]] if kept else [])


@pytest.mark.parametrize("sampled", [True, False])
def test_a_caller_that_is_part_of_a_trace_has_decided_for_it(sampled: bool) -> None:
    """Whatever the ratio; and the flag goes on to whoever is below."""
    calls = Calls(ratio=0.0 if sampled else 1.0)
    root = calls.root(caller(sampled=sampled))
    child = calls.child(root)
    assert root.parent == caller(sampled=sampled)
    assert {span.get_span_context().trace_flags.sampled for span in (root, child)} == {sampled}
    assert {span.get_span_context().trace_id for span in (root, child)} == {5}
    child.end()
    root.end()
    assert bool(calls.released) == sampled


def test_a_call_that_its_caller_does_not_sample_is_let_go_when_it_fails_and_marked_as_sampled_then() -> None:
    calls = Calls()
    root = calls.root(caller(sampled=False))
    root.set_status(StatusCode.ERROR)
    root.end()
    context = finished(calls.spans[0]).context
    assert context is not None
    assert context.trace_flags.sampled


def test_the_ratio_is_that_of_the_sdk() -> None:
    sdk_bound = round(0.25 * 2**64)
    head = Head(0.25)
    assert head.samples(INVALID_SPAN_CONTEXT, (1 << 100) + sdk_bound - 1)
    assert not head.samples(INVALID_SPAN_CONTEXT, (1 << 100) + sdk_bound)


def test_spans_beyond_the_bound_are_counted_and_name_their_parent_to_whoever_is_below() -> None:
    calls = Calls(ratio=1)
    root = calls.root()
    for _ in range(MOST_SPANS - 1):
        calls.child(root).end()
    beyond = calls.tracer.start_span("beyond", set_span_in_context(root, Context()))
    assert not beyond.is_recording()
    assert beyond.get_span_context() == root.get_span_context()
    below = calls.tracer.start_span("below", set_span_in_context(beyond, Context()))
    assert not below.is_recording()
    root.end()
    assert len(calls.spans) == MOST_SPANS
    assert root.hold.dropped_spans == 1


def test_events_and_links_beyond_the_bound_are_counted() -> None:
    span = Calls().root()
    for number in range(MOST_EVENTS + 3):
        span.add_event(f"event {number}")
    for number in range(MOST_LINKS + 2):
        span.add_link(SpanContext(1, number + 1, is_remote=False), {"why": "shared"})
    span.add_link(INVALID_SPAN_CONTEXT)
    span.end()
    readable = finished(span)
    assert (len(readable.events), readable.dropped_events) == (MOST_EVENTS, 3)
    assert (len(readable.links), readable.dropped_links) == (MOST_LINKS, 2)


def test_texts_are_cut_and_what_is_not_text_for_a_collector_is_mended() -> None:
    span = Calls().root()
    span.set_attribute("long", "x" * 5000)
    span.set_attributes({"half": "a\ud800b", "list": ["y" * 5000] * 100, "number": 7, "share": 0.5, "flag": True})
    span.set_attribute("gen_ai.input.messages", "z" * 50_000)
    assert len(str(span.attributes["long"])) == MOST_CHARACTERS
    assert span.attributes["half"] == "a?b"
    items = span.attributes["list"]
    assert isinstance(items, list)
    assert {len(item) for item in items} == {MOST_CHARACTERS}
    assert len(items) == 32
    assert (span.attributes["number"], span.attributes["share"], span.attributes["flag"]) == (7, 0.5, True)
    assert len(str(span.attributes["gen_ai.input.messages"])) == CONTENT_CHARACTERS


def test_what_is_said_after_the_end_is_not_heard_and_only_the_first_end_counts() -> None:
    calls = Calls(ratio=1)
    root = calls.root()
    root.end()
    ended = root.ended
    root.set_attribute("late", 1)
    root.set_attributes({"late": 1})
    root.add_event("late")
    root.add_link(caller(sampled=True))
    root.update_name("late")
    root.set_status(StatusCode.ERROR)
    root.end()
    assert (root.attributes, *root.events, *root.links, root.name, root.ended) == ({}, "root", ended)
    assert root.status.status_code is StatusCode.UNSET
    assert calls.released == [["root"]]


def test_statuses_go_as_opentelemetry_wants() -> None:
    span = Calls().root()
    span.set_status(StatusCode.ERROR, "first")
    span.set_status(StatusCode.UNSET)
    assert span.status.description == "first"
    span.set_status(Status(StatusCode.OK))
    span.set_status(StatusCode.ERROR, "too late")
    assert span.status.status_code is StatusCode.OK


def test_of_an_exception_only_the_kind_is_told() -> None:
    span = Calls().root()
    span.record_exception(ValueError("canary"))
    (event,) = span.events
    assert (event.name, event.attributes) == ("exception", {"exception.type": "builtins.ValueError"})


def test_the_root_says_why_it_is_here_and_what_is_missing() -> None:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from service.telemetry.traces.finished import finisher

    calls = Calls(ratio=1)
    root = calls.root()
    root.hold.dropped_spans = 4
    root.end()
    (span,) = finisher(Resource({}), InstrumentationScope("tests"))(calls.spans)
    assert span.attributes == {"mainstay.kept": "sampled", "mainstay.dropped_spans": 4}


def test_no_span_is_ever_current() -> None:
    with pytest.raises(NotImplementedError):
        Calls().tracer.start_as_current_span("no")
