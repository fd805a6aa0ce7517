"""What gRPC raised, read into a MainstayError.

Details travel in the trailer `grpc-status-details-bin` as google.rpc.Status. A failure without Mainstay's own
details comes from somewhere else: nothing listens there, the network, a proxy.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped, unused-ignore]
    BadRequest,
    ErrorInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped, unused-ignore]

from mainstay import v1 as pb
from mainstay.errors import CLASSES, MainstayError, Violation
from mainstay.reasons import Reason

DOMAIN = "mainstay"

Trailers = Mapping[str, str | bytes]
M = TypeVar("M", bound=Message)


def from_rpc(error: grpc.RpcError, target: str) -> MainstayError:
    """The error of a call to `target`, made with the asynchronous or with the synchronous stubs."""
    # Both kinds of stubs give pairs, though types-grpcio only knows it of the asynchronous ones.
    trailers = trailers_of(cast("Iterable[tuple[str, str | bytes]]", error.trailing_metadata() or ()))
    details = _details(trailers)
    info = _find(ErrorInfo, details)
    ours = info is not None and info.domain == DOMAIN
    retry = _find(RetryInfo, details)
    said = error.details() or "no details"
    return CLASSES.get(error.code(), MainstayError)(
        said if ours else _from_elsewhere(error.code(), said, target),
        code=error.code(),
        reason=Reason.of(info.reason) if info and ours else "",
        metadata=dict(info.metadata) if info and ours else {},
        violations=_violations(details),
        retry_after=retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9 if retry else None,
        call_failure=_find(pb.CallFailure, details),
        request_id=request_id(trailers),
        trace_id=trace_id(trailers),
    )


def trailers_of(pairs: Iterable[tuple[str, str | bytes]]) -> Trailers:
    """Trailing metadata by name."""
    return dict(iter(pairs))  # iter: dict() trips over the keys() of Metadata in older grpcio


def request_id(trailers: Trailers) -> str:
    """The id under which the server logged the call. Empty: it gave none."""
    return str(trailers.get("x-request-id", ""))


def trace_id(trailers: Trailers) -> str:
    """The W3C trace id of the call. Empty: it gave none."""
    return str(trailers.get("mainstay-trace-id", ""))


def _details(trailers: Trailers) -> list[Packed]:
    raw = trailers.get("grpc-status-details-bin", b"")
    try:
        return list(Status.FromString(raw).details) if isinstance(raw, bytes) else []
    except DecodeError:
        return []  # a status that nobody can read still has its code and its message


def _find(kind: type[M], details: list[Packed]) -> M | None:
    for packed in details:
        found = kind()
        try:
            if packed.Unpack(found):
                return found
        except DecodeError:
            continue
    return None


def _violations(details: list[Packed]) -> tuple[Violation, ...]:
    bad_request = _find(BadRequest, details) or BadRequest()
    return tuple(Violation(found.field, found.description) for found in bad_request.field_violations)


def _from_elsewhere(code: grpc.StatusCode, said: str, target: str) -> str:
    match code:
        case grpc.StatusCode.UNAVAILABLE:
            return f"cannot reach Mainstay at {target}: {said}"
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return f"no answer from Mainstay at {target} in time: {said}"
        case _:
            return f"the call to {target} failed and Mainstay does not say why: {said}"
