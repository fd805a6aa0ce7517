"""Which kinds of failure are sensible for a recorded error: a table of its own, not the service's.

A word of the error narrows the choice; else its status does. Several kinds stand where reasonable people differ.
"""

from collections.abc import Mapping
from typing import Any

_WORDS = {
    "context_length": "CONTEXT_TOO_LONG",
    "insufficient_quota": "QUOTA_EXHAUSTED BILLING",
    "invalid_api_key": "BAD_CREDENTIALS",
    "invalidapikey": "BAD_CREDENTIALS",
    "authentication_error": "BAD_CREDENTIALS",
    "model_not_found": "MODEL_NOT_FOUND",
    "model_decommissioned": "MODEL_NOT_FOUND",
    "deploymentnotfound": "MODEL_NOT_FOUND",
    "content_filter": "CONTENT_FILTERED",
    "content_policy": "CONTENT_FILTERED",
    "rate_limit": "RATE_LIMITED CONTEXT_TOO_LONG",  # Groq: one request over the limit of a whole minute
    "tool_use_failed": "MALFORMED",
    "json_validate_failed": "MALFORMED",
}
_REQUEST = "INVALID_REQUEST REJECTED_PARAMETER UNSUPPORTED CONTEXT_TOO_LONG CONTENT_FILTERED MODEL_NOT_FOUND"
_STATUSES = {
    400: f"{_REQUEST} BAD_CREDENTIALS BILLING QUOTA_EXHAUSTED MALFORMED",
    401: "BAD_CREDENTIALS PERMISSION",
    402: "BILLING QUOTA_EXHAUSTED",
    403: "PERMISSION BAD_CREDENTIALS BILLING QUOTA_EXHAUSTED CONTENT_FILTERED MODEL_NOT_FOUND",
    404: "MODEL_NOT_FOUND UNSUPPORTED INVALID_REQUEST",
    408: "OVERLOADED TOO_SLOW",
    409: "OVERLOADED INVALID_REQUEST",
    413: "CONTEXT_TOO_LONG INVALID_REQUEST",
    422: _REQUEST,
    425: "OVERLOADED",
    429: "RATE_LIMITED QUOTA_EXHAUSTED BILLING OVERLOADED",
    498: "OVERLOADED",  # Groq: no capacity
    499: "UNREACHABLE OVERLOADED",  # some hop on the way gave up
}
_BROKEN = "OVERLOADED UNREACHABLE CONTEXT_TOO_LONG MALFORMED"
"""Above 499."""
_INSIDE = f"{_STATUSES[429]} {_BROKEN} {_REQUEST} BAD_CREDENTIALS PERMISSION"
"""Inside an HTTP 200 and without a status of its own."""


def sensible_kinds(error: Mapping[str, Any]) -> frozenset[str]:
    """The kinds that this error may become."""
    words = f"{error.get('code')} {error.get('type')}".lower()
    named = next((kinds for word, kinds in _WORDS.items() if word in words), None)
    return frozenset((named or _of_status(_status(error))).split())


def _of_status(status: int) -> str:
    if status < 400:
        return _INSIDE
    return _BROKEN if status >= 500 else _STATUSES.get(status, _REQUEST)


def _status(error: Mapping[str, Any]) -> int:
    """The error's own status where it stands inside an HTTP 200."""
    status, code = int(error.get("status") or 0), str(error.get("code"))
    return int(code) if status < 400 and code.isdigit() and len(code) == 3 else status
