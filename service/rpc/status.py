"""How a call that failed looks on the wire: a gRPC status with details, all of them together under 4 KiB."""

from dataclasses import dataclass

import grpc
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from mainstay import v1 as pb
from service.chat.failures import Failure, Status
from service.rpc import limits
from service.rpc.validation import Violations

DOMAIN = "mainstay"
DESCRIPTION_CHARACTERS = 120
MESSAGE_BYTES = 400
"""Percent-encoded on the wire, so up to three times as many."""
ASK_AGAIN_SECONDS = 1.0
FINAL = frozenset({"NOT_SERVING"})
"""Reasons of refusals that are UNAVAILABLE and stay so: asking again at once does not help, here or elsewhere."""
HEAD_BYTES = 128
"""What stands around the details: type URLs, lengths, ErrorInfo."""


class Refusal(Exception):
    """A call that the edge itself turns away, or ends."""

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str,
        message: str,
        *,
        violations: Violations | None = None,
        retry_after: float | None = None,
    ) -> None:
        """`retry_after` is in seconds; None: trying again does not help."""
        self.code = code
        self.reason = reason
        self.message = _short(message)
        self.violations = violations
        self.retry_after = retry_after
        super().__init__(f"{reason}: {self.message}")


@dataclass(frozen=True, slots=True)
class Ending:
    """What a call ends with that did not succeed."""

    code: grpc.StatusCode
    reason: str
    message: str
    details: bytes
    """A serialised google.rpc.Status, for the trailer `grpc-status-details-bin`."""
    pushback: bool = False
    """Whether a client that retries by itself is told not to: our own attempts are spent, or nobody can be asked."""


def refused(refusal: Refusal, provenance: pb.Provenance | None = None) -> Ending:
    """The ending of a call that was turned away; `provenance` if that was in the middle."""
    details: list[Message] = [_error_info(refusal.reason)]
    if refusal.violations is not None:
        details.append(_bad_request(refusal.violations, limits.DETAIL_BYTES - MESSAGE_BYTES - HEAD_BYTES))
    if refusal.retry_after is not None:
        details.append(_retry_info(refusal.retry_after))
    if provenance is not None:
        room = limits.DETAIL_BYTES - len(_packed(refusal.code, refusal.message, details))
        details.append(_call_failure(pb.FAILURE_KIND_UNSPECIFIED, provenance, room))
    packed = _packed(refusal.code, refusal.message, details)
    return Ending(refusal.code, refusal.reason, refusal.message, packed, refusal.reason in FINAL)


def failed(failure: Failure, provenance: pb.Provenance) -> Ending:
    """The ending of a call that was tried."""
    code = grpc.StatusCode[failure.verdict.status.value]
    message = _short(f"{failure.reason}: {failure.detail}")
    details: list[Message] = [_error_info(failure.reason)]
    if failure.kind in (pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_CIRCUIT_OPEN):
        details.append(_retry_info(failure.retry_after or ASK_AGAIN_SECONDS))
    elif failure.kind == pb.FAILURE_KIND_QUOTA_EXHAUSTED:
        violation = error_details_pb2.QuotaFailure.Violation(subject="provider", description=failure.detail)
        details.append(error_details_pb2.QuotaFailure(violations=[violation]))
    room = limits.DETAIL_BYTES - len(_packed(code, message, details))
    details.append(_call_failure(failure.kind, provenance, room))
    pushback = failure.verdict.status in (Status.UNAVAILABLE, Status.DEADLINE_EXCEEDED)
    return Ending(code, failure.reason, message, _packed(code, message, details), pushback)


def invalid(violations: Violations) -> Refusal:
    """The refusal of a request that breaks rules."""
    first = next(iter(violations))
    more = f" (and {violations.count - 1} more)" if violations.count > 1 else ""
    message = f"{first.field} {_cut(first.description)}{more}"
    reason = "LIMIT_EXCEEDED" if violations.only_limits else "INVALID_REQUEST"
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, reason, message, violations=violations)


def internal() -> Ending:
    """The ending of a call that met a bug of ours: the log knows more, the caller learns the ids to ask for."""
    message = "Mainstay failed to handle this call; its log has the details under this request id"
    code = grpc.StatusCode.INTERNAL
    return Ending(code, "INTERNAL", message, _packed(code, message, [_error_info("INTERNAL")]))


def _error_info(reason: str) -> Message:
    info: Message = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN)
    return info


def _retry_info(seconds: float) -> Message:
    delay = Duration()
    delay.FromMilliseconds(round(seconds * 1000))
    info: Message = error_details_pb2.RetryInfo(retry_delay=delay)
    return info


def _bad_request(violations: Violations, room: int) -> Message:
    """With as many violations as there is room for, and a last one that says how many more there are."""
    bad = error_details_pb2.BadRequest()
    for violation in violations:
        bad.field_violations.add(field=_cut(violation.field), description=_cut(violation.description))
        if bad.ByteSize() > room:
            del bad.field_violations[-1]
            break
    if more := violations.count - len(bad.field_violations):
        bad.field_violations.add(description=f"and {more} more")
    message: Message = bad
    return message


def _call_failure(kind: pb.FailureKind.ValueType, provenance: pb.Provenance, room: int) -> pb.CallFailure:
    """With as many attempts, latest first, as there is room for."""
    details = pb.CallFailure(kind=kind, provenance=provenance)
    attempts = details.provenance.attempts
    while attempts and details.ByteSize() + HEAD_BYTES > room:
        del attempts[0]
    return details


def _packed(code: grpc.StatusCode, message: str, details: list[Message]) -> bytes:
    status = status_pb2.Status(code=code.value[0], message=message)
    for detail in details:
        status.details.add().Pack(detail)
    packed: bytes = status.SerializeToString()
    return packed


def _cut(text: str) -> str:
    return text if len(text) <= DESCRIPTION_CHARACTERS else text[: DESCRIPTION_CHARACTERS - 1] + "…"


def _short(message: str) -> str:
    return message.encode()[:MESSAGE_BYTES].decode(errors="ignore")
