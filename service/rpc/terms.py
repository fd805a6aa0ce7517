"""What the edge gives every call."""

from collections.abc import Callable
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.trace import Tracer

from service.chat.record import Record
from service.chat.routes import Routes


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the edge gives every call. Times in seconds; `now` is the monotonic clock."""

    routes: Routes
    tracer: Tracer
    extract: Callable[[dict[str, str]], Context]
    """The caller's trace, from its metadata."""
    began: Callable[[str], None]
    """Is told the method of a call that has come in; like `ended`, must not raise and must not wait."""
    ended: Callable[[Record], None]
    """Is told of each call once, when its outcome is known."""
    version: str
    default_deadline_unary: float
    default_deadline_stream: float
    max_deadline: float
    now: Callable[[], float]
