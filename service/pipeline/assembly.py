"""THE ORDER of the layers: one line each, with the reason why it stands there. Nowhere else is it decided.

DESIGN section 3 has the whole list; layers join it as they are built. Each neighbouring pair has a story in
`tests/stories/test_order.py` that turns red when the two are swapped.
"""

from collections.abc import Callable
from dataclasses import dataclass

from opentelemetry.trace import Tracer

from service.chat.reply import Handler
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.time_limit import TimeLimit
from service.pipeline.layers.trace import Trace
from service.pipeline.stack import stack


@dataclass(frozen=True, slots=True)
class World:
    """What layers need from outside: the monotonic clock in seconds, and who makes spans."""

    now: Callable[[], float]
    tracer: Tracer


def assemble(world: World, leaf: Handler) -> Handler:
    """The handler of one route, down to the leaf that talks to its providers."""
    return stack(
        Trace(tracer=world.tracer),  # sees everything, the running out of time included
        TimeLimit(now=world.now),  # outside whatever may wait: an attempt it cuts short was abandoned, not at fault
        Attempt(now=world.now, tracer=world.tracer),  # outside commit: an empty or broken beginning is its failure
        Commit(),  # innermost: above it every layer may start over
        leaf=leaf,
    )
