"""What a provider's error means: an error status, or an error that stands inside an HTTP 200.

The body is read by `body`, classified by `table`, and put into words by `redaction`; how long to
wait and the provider's name of the request come from `headers`.
"""

from collections.abc import Mapping

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.errors.body import ErrorBody, error_of
from service.providers.errors.headers import request_id_of, retry_after_of
from service.providers.errors.table import NOTHING_OWN, ErrorTable, kind_of
from service.providers.redaction import readable

UNKNOWN = pb.FAILURE_KIND_UNKNOWN


def failure(status: int, headers: Mapping[str, str], body: bytes, own: ErrorTable = NOTHING_OWN) -> Failure:
    """What an answer with an error status means, to a vendor with a table of its `own`."""
    error = _error_said(body)
    kind = kind_of(status, error, UNKNOWN, own)
    return Failure(
        kind,
        _detail(kind, status, error),
        retry_after=retry_after_of(headers) or error.retry_after,
        provider_request_id=request_id_of(headers) or error.request_id,
    )


def failure_in(value: object, otherwise: pb.FailureKind.ValueType = UNKNOWN, own: ErrorTable = NOTHING_OWN) -> Failure:
    """What an error means that stands in an answer with status 200; `otherwise` where nothing tells."""
    return _failure_of(error_of(value), otherwise, own)


def failure_said(data: bytes, own: ErrorTable = NOTHING_OWN) -> Failure:
    """What an error means whose text stands in an answer with status 200."""
    return _failure_of(_error_said(data), UNKNOWN, own)


def _failure_of(error: ErrorBody, otherwise: pb.FailureKind.ValueType, own: ErrorTable) -> Failure:
    kind = kind_of(error.status, error, otherwise, own)
    return Failure(
        kind,
        _detail(kind, error.status, error),
        retry_after=error.retry_after,
        provider_request_id=error.request_id,
    )


def _error_said(body: bytes) -> ErrorBody:
    try:
        return error_of(orjson.loads(body))
    except orjson.JSONDecodeError:
        return ErrorBody(message=readable(body))


def _detail(kind: pb.FailureKind.ValueType, status: int, error: ErrorBody) -> str:
    where = f"HTTP {status}" if status else "inside its answer"
    if kind == pb.FAILURE_KIND_BAD_CREDENTIALS:  # the provider's own words echo parts of keys
        return f"the provider does not accept our credential ({where})"
    return readable(error.message) or f"the provider reports an error without a message ({where})"
