"""What layers report: frozen facts, told once, to whoever observes. The pipeline knows no logger and no metric."""

from collections.abc import Callable
from dataclasses import dataclass

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.target import Target


@dataclass(frozen=True, slots=True)
class RetryScheduled:
    """The same target will be asked again, `wait` seconds from now."""

    attempt: int
    """Number of the attempt that failed."""
    target: Target
    failure: Failure
    wait: float


@dataclass(frozen=True, slots=True)
class RetryForgone:
    """The same target would have been asked again, but its budget is empty."""

    attempt: int
    target: Target
    failure: Failure


@dataclass(frozen=True, slots=True)
class FellBack:
    """The next target will be asked."""

    attempt: int
    """Number of the attempt that failed."""
    target: Target
    onto: Target
    failure: Failure


@dataclass(frozen=True, slots=True)
class TargetSkipped:
    """A target was passed over without being asked."""

    target: Target
    why: str


@dataclass(frozen=True, slots=True)
class FirstToken:
    """A streamed attempt brought its first delta, `seconds` after it began."""

    attempt: int
    target: Target
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)  # a row is mutable, and so has no hash
class AttemptEnded:
    """A request to a target is over, whichever way."""

    row: pb.Attempt
    """Its row in the ledger, complete: number, target, cause, outcome, failure, times and usage."""
    failure: Failure | None
    """None: it answered, or was abandoned."""


@dataclass(frozen=True, slots=True)
class CacheHit:
    """The answer came from the cache, where it was `age` seconds old."""

    target: Target
    """Whose answer it was."""
    age: float


@dataclass(frozen=True, slots=True)
class CacheMissed:
    """The cache was asked and had no answer."""


@dataclass(frozen=True, slots=True)
class CacheBypassed:
    """The cache was not asked: the route or the call does not want it, or the question is too large."""


@dataclass(frozen=True, slots=True)
class Degraded:
    """A rule answered, because nobody else could."""

    rule: str
    failure: Failure


Fact = (
    RetryScheduled
    | RetryForgone
    | FellBack
    | TargetSkipped
    | FirstToken
    | AttemptEnded
    | CacheHit
    | CacheMissed
    | CacheBypassed
    | Degraded
)
Observe = Callable[[Call, Fact], None]
"""Is told a fact about a call. Must not raise and must not wait."""
