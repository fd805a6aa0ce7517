"""What a caller says beside its request, and what it is told beside its answer: gRPC metadata, bounded and cleaned."""

import random
import re
from collections.abc import Collection, Mapping

from service.rpc import limits

CALLER = "mainstay-caller"
REQUEST_ID = "x-request-id"
TRACE_ID = "mainstay-trace-id"
TRACE_STATE = "tracestate"
VERSION = "mainstay-version"
PUSHBACK = "grpc-retry-pushback-ms"
DETAILS = "grpc-status-details-bin"

_PRINTABLE = re.compile(r"[\x21-\x7e]+")


def texts(pairs: Collection[tuple[str, str | bytes]]) -> dict[str, str]:
    """The textual ones of some metadata; of a repeated key the last, but W3C's list is put together again."""
    told = {key: value for key, value in pairs if isinstance(value, str)}
    if TRACE_STATE in told:
        told[TRACE_STATE] = ",".join(value for key, value in pairs if key == TRACE_STATE and isinstance(value, str))
    return told


def caller_of(metadata: Mapping[str, str]) -> str:
    """Who the caller says it is: untrusted, and "unknown" if it says nothing usable."""
    return _usable(metadata.get(CALLER, ""), limits.CALLER_CHARACTERS) or "unknown"


def request_id_of(metadata: Mapping[str, str]) -> str:
    """The caller's own name of the request, or a new one."""
    return _usable(metadata.get(REQUEST_ID, ""), limits.REQUEST_ID_CHARACTERS) or new_call_id()


def new_call_id() -> str:
    """A name for a call that no other has."""
    return f"call_{random.getrandbits(96):024x}"


def _usable(text: str, most: int) -> str:
    return text if len(text) <= most and _PRINTABLE.fullmatch(text) else ""
