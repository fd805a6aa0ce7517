"""Which calls are exported although nothing went wrong: the decision that is made when a call comes in."""

from opentelemetry.trace import SpanContext

_SPACE = 2**64
"""Of the lower half of a trace id: what the SDK's ratio looks at, so that services with one ratio agree."""


class Head:
    """Says yes or no by the caller's trace, else by the ratio. The answer travels on to the provider as a flag."""

    def __init__(self, ratio: float) -> None:
        """`ratio` is a share of 1."""
        self._bound = round(ratio * _SPACE)

    def samples(self, parent: SpanContext, trace_id: int) -> bool:
        """Whoever began the trace has decided for all of it; a call that begins one rolls the dice that its id is.

        A remote parent without ids is a caller that has decided, and leaves it to us to begin the trace.
        """
        if parent.is_valid or parent.is_remote:
            return parent.trace_flags.sampled
        return trace_id % _SPACE < self._bound
