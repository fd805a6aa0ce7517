"""Counts what layers report: requests to targets, and what the pipeline does about those that fail."""

from typing import assert_never

from service.chat.call import Call
from service.pipeline.facts import (
    AnswerChecked,
    AskedAgain,
    AttemptEnded,
    CacheBypassed,
    CacheHit,
    CacheMissed,
    CircuitChanged,
    Degraded,
    Fact,
    FellBack,
    FirstToken,
    Hedged,
    Joined,
    PermitAwaited,
    Recovered,
    RetryForgone,
    RetryScheduled,
    ServedStale,
    TargetSkipped,
)
from service.telemetry.metrics import table
from service.telemetry.metrics.instruments import Instruments
from service.telemetry.metrics.known import OTHER, Known
from service.telemetry.metrics.of_target import OfTarget

RESULTS = {CacheHit: "hit", CacheMissed: "miss", CacheBypassed: "bypassed"}


class Attempts:
    """Takes in facts."""

    def __init__(self, instruments: Instruments, known: Known) -> None:
        self._targets = {
            (target.provider, target.model): OfTarget(instruments, target.provider, target.model)
            for target in known.targets
        }
        self._strangers = {provider: OfTarget(instruments, provider, OTHER) for provider in known.providers}
        """Models that no route names, by their provider."""
        self._nobody = OfTarget(instruments, OTHER, OTHER)
        self._names = frozenset(map(str, known.targets))
        self._rules = frozenset(known.rules)
        self._fallbacks = instruments.counter(table.FALLBACKS)
        self._recoveries = instruments.counter(table.RECOVERIES)
        self._degradations = instruments.counter(table.DEGRADATIONS)
        self._stale = instruments.counter(table.STALE_ANSWERS)().inc
        self._joins = instruments.counter(table.JOINS)().inc
        results = instruments.counter(table.CACHE_REQUESTS)
        self._cache = {fact: results(result).inc for fact, result in RESULTS.items()}

    def observe(self, call: Call, fact: Fact) -> None:  # noqa: C901 - flat: a case for each fact
        """The frequent ones first."""
        match fact:
            case AttemptEnded():
                self._of(fact.row.provider, fact.row.model).ended(fact.row)
            case CacheBypassed() | CacheMissed() | CacheHit():
                self._cache[type(fact)]()
            case FirstToken():
                self._of(fact.target.provider, fact.target.model).began(fact.seconds)
            case RetryScheduled() | AskedAgain():
                self._of(fact.target.provider, fact.target.model).retried()
            case RetryForgone():
                self._of(fact.target.provider, fact.target.model).forgone()
            case FellBack():
                self._fallbacks(self._named(str(fact.target)), self._named(str(fact.onto))).inc()
            case TargetSkipped():
                self._of(fact.target.provider, fact.target.model).skipped()
            case ServedStale():
                self._stale()
            case Joined():
                self._joins()
            case PermitAwaited():
                self._of(fact.target.provider, fact.target.model).waited(fact.seconds)
            case Degraded():
                self._degradations(fact.rule if fact.rule in self._rules else OTHER).inc()
            case AnswerChecked():
                self._of(fact.target.provider, fact.target.model).checked(fact.fit.value)
            case Hedged():
                self._of(fact.target.provider, fact.target.model).hedged()
            case Recovered():
                self._recoveries(fact.how).inc()
            case CircuitChanged():
                self._of(fact.target.provider, fact.target.model).turned(fact.state.value)
            case _:
                assert_never(fact)

    def heard(self, call: Call, seconds: float) -> None:
        """Takes in the time between two reads of a stream that brought deltas."""
        self._of(call.target.provider, call.target.model).went_on(seconds)

    def _of(self, provider: str, model: str) -> OfTarget:
        target = self._targets.get((provider, model))
        return target if target is not None else self._strangers.get(provider, self._nobody)

    def _named(self, target: str) -> str:
        return target if target in self._names else OTHER
