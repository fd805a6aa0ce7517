"""The bodies of OpenAI errors."""

from service.simulator.faults import Status
from service.simulator.protocol import Json

_KINDS = {  # type and code, by status
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    403: ("invalid_request_error", None),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
}


def error(message: str, kind: str, param: str | None = None, code: str | None = None) -> Json:
    """The body of an error."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def scripted_error(fault: Status) -> Json:
    """The error body of a scripted status."""
    kind, code = _KINDS.get(fault.code, ("server_error", None))
    members = {"message": f"Simulated status {fault.code}.", "type": kind, "param": None, "code": code}
    return {"error": {**members, **dict(fault.error)}}
