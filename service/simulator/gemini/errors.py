"""The bodies of Google's errors."""

from service.simulator.faults import Status
from service.simulator.protocol import Error, Json
from service.simulator.refusal import Refusal

_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_RPC = "type.googleapis.com/google.rpc."
_RETRY_AFTER = "retry-after"


def error(status: int, message: str, *details: Json) -> Json:
    """The body that goes with a status."""
    return _body({"code": status, "message": message, "status": _status(status)}, details)


def refused(refusal: Refusal) -> Json:
    """The body of an error of the client's: a code is a reason, and what has a place is a violation there."""
    if refusal.code is not None:
        return error(refusal.status, refusal.message, _reason(refusal.code))
    if refusal.param is None:
        return error(refusal.status, refusal.message)
    violation = {"field": refusal.param, "description": refusal.message}
    return error(refusal.status, refusal.message, {"@type": f"{_RPC}BadRequest", "fieldViolations": [violation]})


def scripted_error(fault: Status) -> Error:
    """The error of a scripted status: `type` is its status word and `code` a reason.

    Gemini has no header that says when to come back: a `retry-after` is said in the details.
    """
    given = dict(fault.error)
    headers = {name: value for name, value in fault.headers if name.lower() != _RETRY_AFTER}
    details = [_reason(given.pop("code"))] if "code" in given else []
    for name, value in fault.headers:
        if name.lower() == _RETRY_AFTER:
            details.append({"@type": f"{_RPC}RetryInfo", "retryDelay": f"{value}s"})
    said = {"code": fault.code, "message": f"Simulated status {fault.code}.", "status": _status(fault.code)}
    if kind := given.pop("type", None):
        said["status"] = kind
    return Error(_body({**said, **given}, tuple(details)), headers)


def _status(status: int) -> str:
    return _STATUSES.get(status, "INTERNAL" if status >= 500 else "FAILED_PRECONDITION")


def _reason(reason: str) -> Json:
    return {"@type": f"{_RPC}ErrorInfo", "reason": reason, "domain": "googleapis.com"}


def _body(said: Json, details: tuple[Json, ...]) -> Json:
    return {"error": {**said, "details": list(details)} if details else said}
