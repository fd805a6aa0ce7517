"""Whom to ask after a target has failed."""

from typing import assert_never

from mainstay import v1 as pb
from service.chat.failures import Failure, Onward, Status
from service.chat.target import Candidate


def may_leave(failure: Failure, *, leave_content_filter: bool) -> bool:
    """Whether anybody else is to be asked."""
    match failure.verdict.onward:
        case Onward.NO:
            return False
        case Onward.YES | Onward.LARGER_WINDOW:
            return True
        case Onward.IF_ALLOWED:
            return leave_content_filter
        case onward:
            assert_never(onward)


def why_not(candidate: Candidate, too_long_for: int | None) -> Failure | None:
    """Why a candidate is passed over after others have failed, None if it is not.

    `too_long_for` is the largest window, in tokens, that the question is known not to fit; None: none is known. A
    window of unknown size is given the chance.
    """
    window = candidate.context_tokens
    if too_long_for is not None and window is not None and window <= too_long_for:
        why = f"its window of {window:,} tokens is not larger than one of {too_long_for:,} that was too small"
        return Failure(pb.FAILURE_KIND_CONTEXT_TOO_LONG, why)
    return None


def to_tell(failures: list[Failure]) -> Failure:
    """The failure that a caller is told when everybody has failed, or was passed over: the one that explains most.

    A refusal of the question by a filter, if that ended the search: it is told as it is. Else the first for which
    nobody but a provider is to blame, because it is what kept the call from its first choice; a fallback's complaint
    about the question must not hide it. Without one, the first of all.
    """
    if failures[-1].kind == pb.FAILURE_KIND_CONTENT_FILTERED:
        return failures[-1]
    down = (failure for failure in failures if failure.verdict.status is Status.UNAVAILABLE)
    return next(down, failures[0])


def is_too_long(failure: Failure) -> bool:
    """Whether the question did not fit."""
    return failure.kind == pb.FAILURE_KIND_CONTEXT_TOO_LONG
