"""What layers report becomes events of the span it happened under."""

from collections.abc import Callable

import pytest
from opentelemetry.trace import INVALID_SPAN, SpanContext

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.target import Target
from service.pipeline.facts import (
    AnswerChecked,
    AskedAgain,
    AttemptEnded,
    CacheHit,
    Degraded,
    Fact,
    FellBack,
    FirstToken,
    Fit,
    Joined,
    PermitAwaited,
    RetryForgone,
    RetryScheduled,
    ServedStale,
    TargetSkipped,
)
from service.telemetry.traces.events import observe
from service.telemetry.traces.held import HeldSpan
from tests.kit.spans import SpanBook

ONE, TWO = Target("a", "m"), Target("b", "m")
BUSY = Failure(pb.FAILURE_KIND_OVERLOADED, "canary")
ANSWERED = {"mainstay.attempt.number": 1, "mainstay.target": "a/m"}
TRIED = {**ANSWERED, "error.type": "OVERLOADED"}


@pytest.mark.parametrize(
    ("fact", "name", "attributes", "kept"),
    [
        (RetryScheduled(1, ONE, BUSY, 0.5), "retry scheduled", {**TRIED, "mainstay.wait": 0.5}, ""),
        (RetryForgone(1, ONE, BUSY), "retry forgone", TRIED, ""),
        (FellBack(1, ONE, TWO, BUSY), "fell back", {**TRIED, "mainstay.onto": "b/m"}, "fell back"),
        (TargetSkipped(ONE, "no tools"), "target skipped", {"mainstay.target": "a/m", "mainstay.why": "no tools"}, ""),
        (FirstToken(1, ONE, 0.25), "first token", {"mainstay.after": 0.25}, ""),
        (PermitAwaited(ONE, 2.0), "permit awaited", {"mainstay.target": "a/m", "mainstay.wait": 2.0}, ""),
        (CacheHit(ONE, 9.0), "cache hit", {"mainstay.target": "a/m", "mainstay.age": 9.0}, ""),
        (
            ServedStale(ONE, 90.0, BUSY),
            "served stale",
            {"mainstay.target": "a/m", "mainstay.age": 90.0, "error.type": "OVERLOADED"},
            "stale",
        ),
        (AnswerChecked(1, ONE, Fit.UNFIT), "answer checked", {**ANSWERED, "mainstay.fit": "unfit"}, ""),
        (AskedAgain(1, ONE), "asked again", ANSWERED, ""),
        (Degraded("default", BUSY), "degraded", {"mainstay.rule": "default", "error.type": "OVERLOADED"}, "degraded"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Fact) else "",
)
def test_a_fact_is_an_event_and_some_have_the_call_kept(
    fact: Fact, name: str, attributes: dict[str, object], kept: str, a_call: Callable[..., Call], spans: SpanBook
) -> None:
    observe(a_call(), fact)
    assert isinstance(spans.root, HeldSpan)
    (event,) = spans.root.events
    assert (event.name, event.attributes, spans.root.hold.kept) == (name, attributes, kept)


def test_an_answer_that_has_the_form_asked_for_is_no_event(a_call: Callable[..., Call], spans: SpanBook) -> None:
    observe(a_call(), AnswerChecked(1, ONE, Fit.VALID))
    assert isinstance(spans.root, HeldSpan)
    assert not spans.root.events


def test_a_call_that_shares_an_answer_is_linked_to_the_one_that_asks(
    a_call: Callable[..., Call], spans: SpanBook
) -> None:
    other = SpanContext(trace_id=1, span_id=2, is_remote=False)
    observe(a_call(), Joined("call_1", other))
    assert isinstance(spans.root, HeldSpan)
    (link,) = spans.root.links
    assert (link.context, link.attributes) == (other, {"mainstay.call.id": "call_1"})


def test_the_end_of_an_attempt_is_its_spans_own(a_call: Callable[..., Call], spans: SpanBook) -> None:
    observe(a_call(), AttemptEnded(pb.Attempt(number=1), None))
    assert isinstance(spans.root, HeldSpan)
    assert list(spans.root.events) == []


def test_a_call_without_spans_is_none_of_its_business(a_call: Callable[..., Call]) -> None:
    observe(a_call(span=INVALID_SPAN), FellBack(1, ONE, TWO, BUSY))
