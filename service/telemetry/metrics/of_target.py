"""The series of one target: each is looked up when it is first needed, and then kept, because that is the dear part."""

from collections.abc import Callable
from functools import cached_property

from mainstay import v1 as pb
from service.pipeline.genai import PROVIDERS
from service.telemetry.metrics import table
from service.telemetry.metrics.dimensions import CAUSES, FAILURES, NONE, OUTCOMES
from service.telemetry.metrics.instruments import Instruments
from service.telemetry.metrics.known import OTHER

Observe = Callable[[float], None]
"""Adds one value to a histogram, or to a counter."""
Count = Callable[[], None]
"""Adds one to a counter."""


class OfTarget:
    """Counts for one target, or for all that share the label `other`."""

    def __init__(self, instruments: Instruments, provider: str, model: str) -> None:
        self._instruments = instruments
        self._target = (PROVIDERS.get(provider, provider), model)
        self._attempts: dict[tuple[int, int, int], Count] = {}
        self._durations: dict[int, Observe] = {}

    def ended(self, row: pb.Attempt) -> None:
        """Takes in an attempt that is over."""
        outcome, failure = row.outcome, row.failure
        if outcome == pb.ATTEMPT_OUTCOME_SKIPPED:
            self.skipped()
            return
        self._attempt(row.cause, outcome, failure)()
        latency = row.latency
        # Given up half-way is no measure of how long answers take: it stands apart from them.
        error = pb.FAILURE_KIND_CANCELLED if outcome == pb.ATTEMPT_OUTCOME_ABANDONED else failure
        self._duration(error)(latency.seconds + latency.nanos / 1e9)
        if cost := row.cost_nano_usd:
            self._cost(cost / 1e9)
        if outcome == pb.ATTEMPT_OUTCOME_ANSWERED and row.HasField("usage"):
            usage = row.usage
            self._input(usage.input_tokens)
            self._output(usage.output_tokens)

    @cached_property
    def retried(self) -> Count:
        """Counts that it is asked again."""
        return self._instruments.counter(table.RETRIES)(*self._target).inc

    @cached_property
    def forgone(self) -> Count:
        """Counts that it would have been."""
        return self._instruments.counter(table.RETRIES_FORGONE)(*self._target).inc

    @cached_property
    def hedged(self) -> Count:
        """Counts that a second copy was sent, because it was slow."""
        return self._instruments.counter(table.HEDGES)(*self._target).inc

    def turned(self, state: str) -> None:
        """Counts that its circuit is in that state now."""
        self._instruments.counter(table.CIRCUIT_CHANGES)(*self._target, state).inc()

    @cached_property
    def skipped(self) -> Count:
        """Counts that it was passed over."""
        return self._instruments.counter(table.TARGETS_SKIPPED)(*self._target).inc

    def checked(self, fit: str) -> None:
        """Counts an answer that was held against the form that was asked for."""
        self._instruments.counter(table.STRUCTURED_OUTPUTS)(*self._target, fit).inc()

    @cached_property
    def waited(self) -> Observe:
        """Takes in the seconds that a request waited for a permit."""
        return self._instruments.histogram(table.LEASE_WAIT)(*self._target).observe

    @cached_property
    def began(self) -> Observe:
        """Takes in the seconds to a stream's first delta."""
        return self._instruments.histogram(table.FIRST_CHUNK)(*self._target).observe

    @cached_property
    def went_on(self) -> Observe:
        """Takes in the seconds between two reads of a stream that brought deltas."""
        return self._instruments.histogram(table.OUTPUT_CHUNK)(*self._target).observe

    @cached_property
    def _input(self) -> Observe:
        return self._instruments.histogram(table.TOKEN_USAGE)(*self._target, "input").observe

    @cached_property
    def _cost(self) -> Observe:
        return self._instruments.counter(table.COST)(*self._target).inc

    @cached_property
    def _output(self) -> Observe:
        return self._instruments.histogram(table.TOKEN_USAGE)(*self._target, "output").observe

    def _attempt(self, cause: int, outcome: int, failure: int) -> Count:
        key = (cause, outcome, failure)
        count = self._attempts.get(key)
        if count is None:
            error = _error(failure) if outcome == pb.ATTEMPT_OUTCOME_FAILED else NONE
            values = (CAUSES.get(cause, OTHER), OUTCOMES.get(outcome, OTHER), error)
            count = self._attempts[key] = self._instruments.counter(table.ATTEMPTS)(*self._target, *values).inc
        return count

    def _duration(self, error: int) -> Observe:
        observe = self._durations.get(error)
        if observe is None:
            series = self._instruments.histogram(table.OPERATION_DURATION)(*self._target, _error(error))
            observe = self._durations[error] = series.observe
        return observe


def _error(failure: int) -> str:
    return FAILURES.get(failure, OTHER) if failure else NONE
