"""In what the errors of this protocol differ from those of most vendors (PROVIDERS.md 2.1 to 2.4, 3.8)."""

from mainstay import v1 as pb
from service.providers.errors import ErrorTable

TABLE = ErrorTable(
    words={
        pb.FAILURE_KIND_CONTEXT_TOO_LONG: "request_too_large",
        pb.FAILURE_KIND_MODEL_NOT_FOUND: "not_found_error",
    },
    texts={
        pb.FAILURE_KIND_BILLING: ("credit balance is too low",),
        pb.FAILURE_KIND_QUOTA_EXHAUSTED: ("reached your specified api usage limits",),
        pb.FAILURE_KIND_CONTENT_FILTERED: ("blocked by content filtering",),
    },
)
"""All three texts come as `invalid_request_error`, which tells nothing."""
