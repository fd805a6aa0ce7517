"""Counts calls: what the edge knows of them."""

from collections.abc import Callable
from functools import cached_property

from service.chat.record import Record
from service.telemetry.access import OURS
from service.telemetry.metrics import table
from service.telemetry.metrics.dimensions import ASIDE, CALLERS, DIRECT, METHODS, NONE, REASONS, SOURCES, STATUSES
from service.telemetry.metrics.instruments import Instruments
from service.telemetry.metrics.known import OTHER, Known
from service.telemetry.metrics.overhead import overhead

NOBODY = "NONE"
"""The source of calls that nobody answered."""


class Calls:
    """Takes in calls, when they come and when they are over."""

    def __init__(self, instruments: Instruments, known: Known) -> None:
        self._methods = {name: _OfMethod(instruments, method) for name, method in METHODS.items()}
        self._strange = _OfMethod(instruments, OTHER)
        self._routes = {name: name for name in known.routes} | {NONE: DIRECT}
        self._calls = instruments.counter(table.CALLS)
        self._by_route: dict[tuple[str, int, str], Callable[[], None]] = {}
        self._caller_calls = instruments.counter(table.CALLER_CALLS)
        self._callers: set[str] = set()
        self._by_caller: dict[tuple[str, str], Callable[[], None]] = {}

    def began(self, method: str) -> None:
        """A chat has come in."""
        self._methods.get(method, self._strange).opened()

    def ended(self, record: Record) -> None:
        """It is over; or no model was asked, and then nobody was told of its beginning."""
        method = self._methods.get(record.method, self._strange)
        method.lasted(record.status, record.ended - record.arrived)
        if record.method in ASIDE:
            return
        method.closed()
        held_up = overhead(record)
        if held_up is not None:
            method.overhead(held_up)
        reason = record.reason or record.status
        if reason not in REASONS:
            reason = OTHER
        self._count(record, reason)
        self._count_caller(record, reason)

    def _count(self, record: Record, reason: str) -> None:
        route = NONE if record.call is None else self._routes.get(record.call.route, OTHER)
        source = 0 if record.started is None else record.started.source
        key = (route, source if source in SOURCES else -1 if source else 0, reason)
        count = self._by_route.get(key)
        if count is None:
            name = SOURCES.get(source, OTHER) if source else NOBODY
            count = self._by_route[key] = self._calls(route, name, reason).inc
        count()

    def _count_caller(self, record: Record, reason: str) -> None:
        """Under the caller's name if there is room, and it was let in once: whoever only invents names gets none."""
        caller = record.caller
        if caller not in self._callers:
            if record.call is not None and len(self._callers) < CALLERS:
                self._callers.add(caller)
            else:
                caller = OTHER
        key = (caller, reason)
        count = self._by_caller.get(key)
        if count is None:
            count = self._by_caller[key] = self._caller_calls(*key).inc
        count()


class _OfMethod:
    """The series of one method."""

    def __init__(self, instruments: Instruments, method: str) -> None:
        self._instruments = instruments
        self._method = method
        self._durations: dict[str, Callable[[float], None]] = {}

    @cached_property
    def opened(self) -> Callable[[], None]:
        return self._instruments.gauge(table.OPEN_CALLS)(self._method).inc

    @cached_property
    def closed(self) -> Callable[[], None]:
        return self._instruments.gauge(table.OPEN_CALLS)(self._method).dec

    @cached_property
    def overhead(self) -> Callable[[float], None]:
        return self._instruments.histogram(table.OVERHEAD)(self._method).observe

    def lasted(self, status: str, seconds: float) -> None:
        if status not in STATUSES:
            status = OTHER
        observe = self._durations.get(status)
        if observe is None:
            error = status if status in OURS else NONE
            series = self._instruments.histogram(table.CALL_DURATION)(self._method, status, error)
            observe = self._durations[status] = series.observe
        observe(seconds)
