"""Child spans, made only where the parent is recorded: a call that nobody will look at costs none."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Tracer, get_current_span, set_span_in_context
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
    parent = get_current_span(call.context)
    return tracer.start_span(name, call.context, kind) if parent.is_recording() else parent


def inside(call: Call, span: Span) -> Context:
    """The context in which `span` is the parent of whatever happens next."""
    return set_span_in_context(span, call.context) if span.is_recording() else call.context


def known_as(target: Target, name: str, named: Collection[Target]) -> str:
    """The name that a span may bear for a target: backends index names, and callers invent models without end."""
    return name if target in named else OTHER


def readable(text: str) -> str:
    """A caller's text for an attribute, without what steers terminals and lines."""
    return text if text.isprintable() else "".join(one if one.isprintable() else "\ufffd" for one in text)
