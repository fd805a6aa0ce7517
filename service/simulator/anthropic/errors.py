"""The bodies of Anthropic's errors."""

from service.simulator.faults import Status
from service.simulator.protocol import Json

_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error(status: int, message: str, request_id: str) -> Json:
    """The body that goes with a status."""
    return _body({"type": _kind(status), "message": message}, request_id)


def scripted_error(fault: Status, request_id: str) -> Json:
    """The body of a scripted status; `code` is a detail here, and everything else a member of the error."""
    given = dict(fault.error)
    said: dict[str, object] = {"type": _kind(fault.code), "message": f"Simulated status {fault.code}."}
    if code := given.pop("code", None):
        said["details"] = {"error_code": code}
    return _body({**said, **given}, request_id)


def _kind(status: int) -> str:
    return _KINDS.get(status, "api_error" if status >= 500 else "invalid_request_error")


def _body(said: Json, request_id: str) -> Json:
    return {"type": "error", "error": said, "request_id": request_id}
