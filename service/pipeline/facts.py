"""What layers report: frozen facts, told once, to whoever observes. The pipeline knows no logger and no metric."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from opentelemetry.trace import SpanContext

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.target import Target
from service.policies.circuit import State


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
class PermitAwaited:
    """A request had to wait for its turn under the limits of its target, `seconds` long, and has it now."""

    target: Target
    seconds: float


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
class ServedStale:
    """An answer from the cache, `age` seconds old and past its time, stood in, because nobody else could answer."""

    target: Target
    """Whose answer it was."""
    age: float
    failure: Failure


@dataclass(frozen=True, slots=True)
class Joined:
    """The call shares the answer of an equal one that is under way."""

    call_id: str
    """Of the other one."""
    span: SpanContext
    """Its span."""


class Fit(Enum):
    """Whether an answer has the form that was asked for; in small letters, as in metrics."""

    VALID = "valid"
    REPAIRED = "repaired"
    """It has now."""
    UNFIT = "unfit"
    UNCHECKED = "unchecked"
    """Nobody can say."""


@dataclass(frozen=True, slots=True)
class AnswerChecked:
    """An answer was held against the form that was asked for."""

    attempt: int
    """Number of the one that answered."""
    target: Target
    fit: Fit


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """A target is shown what is wrong with the form of its answer, and asked once more."""

    attempt: int
    """Number of the one that answered so."""
    target: Target


@dataclass(frozen=True, slots=True)
class Degraded:
    """A rule answered, because nobody else could."""

    rule: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class Recovered:
    """A stream broke after its caller had seen some of it; somebody is asked to go on, or to begin anew."""

    attempt: int
    """Number of the one that broke."""
    target: Target
    """Whose it was."""
    mode: pb.ResetMode.ValueType
    failure: Failure

    @property
    def how(self) -> str:
        """The mode in a word: `continue` or `discard`."""
        return pb.ResetMode.Name(self.mode).removeprefix("RESET_MODE_").lower()


@dataclass(frozen=True, slots=True)
class Hedged:
    """A second copy of a slow request was sent, `seconds` after the first."""

    attempt: int
    """Number of the first."""
    target: Target
    onto: Target
    seconds: float


@dataclass(frozen=True, slots=True)
class CircuitChanged:
    """A target's circuit opened, let a probe through, or closed."""

    target: Target
    state: State
    why: str
    """The failure that opened it."""
    seconds: float
    """Until the next probe; 0: one is under way, or it is closed."""


Fact = (
    RetryScheduled
    | RetryForgone
    | FellBack
    | TargetSkipped
    | PermitAwaited
    | FirstToken
    | AttemptEnded
    | CacheHit
    | CacheMissed
    | CacheBypassed
    | ServedStale
    | Joined
    | AnswerChecked
    | AskedAgain
    | Degraded
    | Recovered
    | Hedged
    | CircuitChanged
)
Observe = Callable[[Call, Fact], None]
"""Is told a fact about a call. Must not raise and must not wait."""


def all_of(*observers: Observe) -> Observe:
    """One that tells them all, in this order."""

    def observe(call: Call, fact: Fact) -> None:
        for observer in observers:
            observer(call, fact)

    return observe
