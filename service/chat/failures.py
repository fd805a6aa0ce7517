"""How a call can fail, and what is done about each kind.

`Failure` is the only exception that crosses a layer on purpose. What to do about it is never decided where it is
caught: `VERDICTS` is the one table (DESIGN section 4), complete by test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from mainstay import v1 as pb

DETAIL_LENGTH = 200


class Failure(Exception):
    """A call, or one attempt of it, that failed.

    `detail` is for people: what was wrong and where, without secrets, cut at 200 characters. `retry_after` is the wait
    in seconds that the provider asked for. `provider_request_id` is the provider's own name of the request.
    `another_key`: the same target can be asked with another key, at once. `unasked`: it was turned away by ourselves,
    who have waited as long as there was sense in it.
    """

    def __init__(
        self,
        kind: pb.FailureKind.ValueType,
        detail: str,
        *,
        retry_after: float | None = None,
        provider_request_id: str = "",
        another_key: bool = False,
        unasked: bool = False,
    ) -> None:
        self.kind = kind
        self.detail = detail if len(detail) <= DETAIL_LENGTH else detail[: DETAIL_LENGTH - 1] + "…"
        self.retry_after = retry_after
        self.provider_request_id = provider_request_id
        self.another_key = another_key
        self.unasked = unasked
        super().__init__(f"{self.reason}: {self.detail}")

    def copy(self) -> "Failure":
        """The same for somebody else to raise: one that is raised holds on to the frames of all who raise it."""
        copy = Failure(self.kind, self.detail)
        copy.__dict__.update(self.__dict__)
        return copy

    @property
    def reason(self) -> str:
        """The kind as callers see it in ErrorInfo.reason, such as RATE_LIMITED."""
        return pb.FailureKind.Name(self.kind).removeprefix("FAILURE_KIND_")

    @property
    def verdict(self) -> "Verdict":
        """What to do about it."""
        return VERDICTS[self.kind]


class Again(Enum):
    """Whether the same target is asked again."""

    NO = "no"
    ONCE = "once"
    YES = "yes"
    IF_SOON = "if the wait is at most max_wait"


class Onward(Enum):
    """Whether the next target is asked."""

    NO = "no"
    YES = "yes"
    LARGER_WINDOW = "only a target with a larger window"
    IF_ALLOWED = "only if the route says so"


class Blame(Enum):
    """Whose health suffers."""

    NOBODY = "nobody"
    TARGET = "the target"
    TARGET_LONG = "the target, for long"
    KEY_LONG = "the key, for long"


class Status(Enum):
    """How the call ends for its caller when nothing else is left; the names are gRPC's."""

    CANCELLED = "CANCELLED"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    INTERNAL = "INTERNAL"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about one kind of failure."""

    again: Again
    onward: Onward
    blame: Blame
    rotate_key: bool
    stand_in: bool
    status: Status


def _verdict(
    again: Again,
    onward: Onward,
    blame: Blame,
    status: Status,
    *,
    rotate_key: bool = False,
    stand_in: bool = True,
) -> Verdict:
    return Verdict(again, onward, blame, rotate_key, stand_in, status)


_key_is_spent = _verdict(Again.NO, Onward.YES, Blame.KEY_LONG, Status.UNAVAILABLE, rotate_key=True)
_target_is_down = _verdict(Again.YES, Onward.YES, Blame.TARGET, Status.UNAVAILABLE)
_answer_is_bad = _verdict(Again.ONCE, Onward.YES, Blame.TARGET, Status.UNAVAILABLE)
_caller_is_wrong = _verdict(Again.NO, Onward.NO, Blame.NOBODY, Status.INVALID_ARGUMENT, stand_in=False)

VERDICTS: Mapping[pb.FailureKind.ValueType, Verdict] = {
    pb.FAILURE_KIND_RATE_LIMITED: _verdict(
        Again.IF_SOON, Onward.YES, Blame.NOBODY, Status.UNAVAILABLE, rotate_key=True
    ),
    pb.FAILURE_KIND_QUOTA_EXHAUSTED: _key_is_spent,
    pb.FAILURE_KIND_BILLING: _key_is_spent,
    pb.FAILURE_KIND_BAD_CREDENTIALS: _key_is_spent,
    pb.FAILURE_KIND_PERMISSION: _key_is_spent,
    pb.FAILURE_KIND_OVERLOADED: _target_is_down,
    pb.FAILURE_KIND_UNREACHABLE: _target_is_down,
    pb.FAILURE_KIND_CUT_OFF: _answer_is_bad,
    pb.FAILURE_KIND_STALLED: _answer_is_bad,
    pb.FAILURE_KIND_MALFORMED: _answer_is_bad,
    pb.FAILURE_KIND_EMPTY: _answer_is_bad,
    pb.FAILURE_KIND_UNKNOWN: _answer_is_bad,
    pb.FAILURE_KIND_TOO_SLOW: _verdict(Again.NO, Onward.YES, Blame.TARGET, Status.UNAVAILABLE),
    pb.FAILURE_KIND_OUT_OF_TIME: _verdict(Again.NO, Onward.NO, Blame.NOBODY, Status.DEADLINE_EXCEEDED),
    pb.FAILURE_KIND_MODEL_NOT_FOUND: _verdict(Again.NO, Onward.YES, Blame.TARGET_LONG, Status.UNAVAILABLE),
    pb.FAILURE_KIND_REJECTED_PARAMETER: _verdict(Again.NO, Onward.YES, Blame.NOBODY, Status.INTERNAL, stand_in=False),
    pb.FAILURE_KIND_UNSUPPORTED: _verdict(
        Again.NO, Onward.YES, Blame.NOBODY, Status.FAILED_PRECONDITION, stand_in=False
    ),
    pb.FAILURE_KIND_CONTEXT_TOO_LONG: _verdict(
        Again.NO, Onward.LARGER_WINDOW, Blame.NOBODY, Status.INVALID_ARGUMENT, stand_in=False
    ),
    pb.FAILURE_KIND_INVALID_REQUEST: _caller_is_wrong,
    pb.FAILURE_KIND_CONTENT_FILTERED: _verdict(
        Again.NO, Onward.IF_ALLOWED, Blame.NOBODY, Status.INVALID_ARGUMENT, stand_in=False
    ),
    pb.FAILURE_KIND_CIRCUIT_OPEN: _verdict(Again.NO, Onward.YES, Blame.NOBODY, Status.UNAVAILABLE),
    pb.FAILURE_KIND_NOT_CACHED: _verdict(Again.NO, Onward.NO, Blame.NOBODY, Status.NOT_FOUND, stand_in=False),
    pb.FAILURE_KIND_CANCELLED: _verdict(Again.NO, Onward.NO, Blame.NOBODY, Status.CANCELLED, stand_in=False),
}
