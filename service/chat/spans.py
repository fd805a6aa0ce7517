"""Child spans, made only where the parent is recorded: a call that nobody will look at costs none."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from service.chat.call import Call
from service.chat.target import Target

OTHER = "other"
"""Stands in names for what the configuration does not name."""

Describe = Callable[[], Mapping[str, AttributeValue]]
"""Gathers attributes, from what does not change any more."""


class Describable(Span):
    """A span that most likely nobody will see: what is to be said of it is asked for when somebody will."""

    @abstractmethod
    def describe(self, describe: Describe) -> None:
        """Has the attributes gathered if the span is exported. May be called once it has ended, too."""


class ParentTracer(Tracer):
    """Is told the parent itself: to put it into a context and take it out again costs as much as a span."""

    @abstractmethod
    def start_child(self, parent: Span, name: str, kind: SpanKind) -> Span:
        """A span below a recorded one of its own."""


def describe(span: Span, gather: Describe) -> None:
    """Puts attributes on a span, as late as possible."""
    if isinstance(span, Describable):
        span.describe(gather)
    elif span.is_recording():
        span.set_attributes(gather())


def child_of(call: Call, tracer: Tracer, name: str, kind: SpanKind = SpanKind.INTERNAL) -> Span:
    """A span below the call's; the call's own, which ignores all that is said to it, if that is not recorded.

    `describe` it rather than gather what to say: what is said to nobody costs as much.
    """
    parent = call.span
    if not parent.is_recording():
        return parent
    if isinstance(tracer, ParentTracer):
        return tracer.start_child(parent, name, kind)
    return tracer.start_span(name, set_span_in_context(parent, Context()), kind)


def inside(call: Call, span: Span) -> Span:
    """The parent of whatever happens next inside `span`: that, unless it is not recorded."""
    return span if span.is_recording() else call.span


def known_as(target: Target, name: str, named: Collection[Target]) -> str:
    """The name that a span may bear for a target: backends index names, and callers invent models without end."""
    return name if target in named else OTHER


def readable(text: str) -> str:
    """A caller's text for an attribute, without what steers terminals and lines."""
    return text if text.isprintable() else "".join(one if one.isprintable() else "\ufffd" for one in text)
