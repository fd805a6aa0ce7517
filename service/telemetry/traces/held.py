"""Spans that are held until the call they belong to is over, and then let go or thrown away together.

    root starts ──▶ held: root and children write into one Hold
                      │ root ends: failed, marked, slow, or sampled?
                      ├─ yes ──▶ released, all at once; a child that ends later follows alone
                      └─ no ───▶ forgotten; so is a child that ends later

A span of the SDK costs 18 to 25 µs, most of it for locks, copies and limits that calls of which nobody looks at one in
twenty do not need. Those of one call are used from one thread, the event loop's.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from opentelemetry.sdk.trace import Event
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState
from opentelemetry.util.types import AnyValue, Attributes, AttributeValue

from service.chat.spans import Describable, Describe
from service.telemetry.traces.bounds import MOST_EVENTS, MOST_LINKS, MOST_SPANS, bounded

_UNSET = Status(StatusCode.UNSET)

Release = Callable[[Sequence["HeldSpan"]], None]
"""Takes spans that are to be exported, all of one call. Must not raise and must not wait."""


class Hold:
    """The spans of one call, and whether anybody will see them."""

    def __init__(
        self, trace_id: int, flags: TraceFlags, state: TraceState, *, sampled: bool, slow: int, release: Release
    ) -> None:
        """`sampled`: the dice, or the caller, have said yes. `slow`: how many nanoseconds are worth a look."""
        self.trace_id = trace_id
        self.flags = flags
        self.state = state
        self._sampled = sampled
        self._slow = slow
        self._release = release
        self._ended: list[HeldSpan] = []
        self._over = False
        self._room = MOST_SPANS
        self.dropped_spans = 0
        self.kept = ""
        """Why the call is exported; empty: it is not, or that is not known yet."""
        self._epoch = time.time_ns() - time.monotonic_ns()

    def now(self) -> int:
        """Unix time in nanoseconds that never goes back during a call."""
        return self._epoch + time.monotonic_ns()

    def keep(self, why: str) -> None:
        """Has the call exported, whichever way it ends; the first reason is told."""
        self.kept = self.kept or why

    def admits(self) -> bool:
        """Whether there is room for one more span; counts it either way."""
        if self._room:
            self._room -= 1
            return True
        self.dropped_spans += 1
        return False

    def ended(self, span: "HeldSpan") -> None:
        """Takes a span that has ended; with the root it is decided what becomes of all."""
        if self._over:
            if self.kept:
                self._release([span])
            return
        self._ended.append(span)
        if span.is_root:
            self._settle(span)

    def _settle(self, root: "HeldSpan") -> None:
        self._over = True
        if root.status.status_code is StatusCode.ERROR:
            self.keep("failed")
        elif root.ended - root.started >= self._slow:
            self.keep("slow")
        elif self._sampled:
            self.keep("sampled")
        ended, self._ended = self._ended, []
        if self.kept:
            self._release(ended)


class HeldSpan(Describable):
    """Records what it is told until it ends. Also counts what it had no room for."""

    def __init__(
        self,
        hold: Hold,
        name: str,
        kind: SpanKind,
        span_id: int,
        above: "HeldSpan | SpanContext | None",
        *,
        is_root: bool = False,
        started: int | None = None,
    ) -> None:
        """`above` is the parent, in this process or elsewhere."""
        self.hold = hold
        self.name = name
        self.kind = kind
        self.is_root = is_root
        self.status = _UNSET
        self.attributes: dict[str, AttributeValue] = {}
        self._above = above
        self._span_id = span_id
        self._context: SpanContext | None = None
        self._descriptions: list[Describe] = []
        self.started = hold.now() if started is None else started
        self.ended = 0
        """0: it has not."""

    events: Sequence[Event] = ()
    links: Sequence[Link] = ()
    dropped_events = 0
    dropped_links = 0

    @property
    def parent(self) -> SpanContext | None:
        """Under which it stands; None: it began its trace."""
        return self._above.get_span_context() if isinstance(self._above, HeldSpan) else self._above

    def get_span_context(self) -> SpanContext:
        if self._context is None:
            hold = self.hold
            self._context = SpanContext(hold.trace_id, self._span_id, False, hold.flags, hold.state)
        return self._context

    def describe(self, describe: Describe) -> None:
        self._descriptions.append(describe)

    def described(self) -> dict[str, AttributeValue]:
        """All attributes, gathered now."""
        for describe in self._descriptions:
            for key, value in describe().items():
                self.attributes[key] = bounded(key, value)
        self._descriptions.clear()
        return self.attributes

    def is_recording(self) -> bool:
        return not self.ended

    def end(self, end_time: int | None = None) -> None:
        """Hands the span to its call; only the first time counts."""
        if not self.ended:
            self.ended = self.hold.now() if end_time is None else end_time
            self.hold.ended(self)

    def keep(self, why: str) -> None:
        """Has the whole call exported, for a reason in a word or two."""
        self.hold.keep(why)

    def set_attribute(self, key: str, value: AnyValue) -> None:
        if not self.ended:
            self.attributes[key] = bounded(key, value)

    def set_attributes(self, attributes: Mapping[str, AnyValue]) -> None:
        if not self.ended:
            for key, value in attributes.items():
                self.attributes[key] = bounded(key, value)

    def add_event(self, name: str, attributes: Attributes = None, timestamp: int | None = None) -> None:
        if self.ended:
            return
        if len(self.events) == MOST_EVENTS:
            self.dropped_events += 1
            return
        cut = {key: bounded(key, value) for key, value in attributes.items()} if attributes else None
        self.events = [*self.events, Event(name, cut, self.hold.now() if timestamp is None else timestamp)]

    def add_link(self, context: SpanContext, attributes: Attributes = None) -> None:
        """Points at a span of another call, such as the one whose flight this call shares."""
        if self.ended or not context.is_valid:
            return
        if len(self.links) == MOST_LINKS:
            self.dropped_links += 1
            return
        cut = {key: bounded(key, value) for key, value in attributes.items()} if attributes else None
        self.links = [*self.links, Link(context, cut)]

    def update_name(self, name: str) -> None:
        if not self.ended:
            self.name = name

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """As OpenTelemetry has it: UNSET changes nothing, and nothing changes OK."""
        told = status if isinstance(status, Status) else Status(status, _words(status, description))
        if not self.ended and told.status_code is not StatusCode.UNSET and self.status.status_code is not StatusCode.OK:
            self.status = told

    def record_exception(
        self,
        exception: BaseException,
        attributes: Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        """Its type only: its words may quote what was asked."""
        kind = type(exception)
        told = {**(attributes or {}), "exception.type": f"{kind.__module__}.{kind.__qualname__}"}
        self.add_event("exception", told, timestamp)


def _words(code: StatusCode, description: str | None) -> str | None:
    return description if code is StatusCode.ERROR else None  # only errors have any
