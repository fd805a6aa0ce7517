"""Why a call failed: the stable words of `ErrorInfo.reason`, for programs to decide on."""

from enum import StrEnum
from typing import Self


class Reason(StrEnum):
    """The reasons that this release knows. A newer server may send others: they arrive as plain strings."""

    # What Mainstay itself says.

    INVALID_REQUEST = "INVALID_REQUEST"
    """The request is wrong; `violations` names the fields."""
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    """The request is larger than a limit of Mainstay, which the message names."""
    MODEL_NOT_FOUND = "MODEL_NOT_FOUND"
    """Nobody serves a model of this name: Mainstay does not know it, or the provider no longer does."""
    NOT_SERVING = "NOT_SERVING"
    """Mainstay has no usable target: a credential is missing, or everything is switched off."""
    DRAINING = "DRAINING"
    """This Mainstay is shutting down; another one, or the next, will answer."""
    INTERNAL = "INTERNAL"
    """A defect in Mainstay; report it with the trace id."""
    NOT_CACHED = "NOT_CACHED"
    """You want an answer from the cache only, and there is none."""

    # What became of the last attempt. The names are those of FailureKind.

    RATE_LIMITED = "RATE_LIMITED"
    """The provider asks for fewer requests or tokens; `retry_after` says for how long."""
    QUOTA_EXHAUSTED = "QUOTA_EXHAUSTED"
    """A quota at the provider is used up for longer."""
    OVERLOADED = "OVERLOADED"
    """The provider has no capacity, or broke inside."""
    UNREACHABLE = "UNREACHABLE"
    """The provider could not be connected to, or hung up before it answered."""
    TOO_SLOW = "TOO_SLOW"
    """The provider did not answer within the attempt's own limit."""
    STALLED = "STALLED"
    """The provider's stream fell silent."""
    CUT_OFF = "CUT_OFF"
    """The answer ended before its end."""
    EMPTY = "EMPTY"
    """The answer was complete and empty."""
    MALFORMED = "MALFORMED"
    """The provider's answer could not be read."""
    BAD_CREDENTIALS = "BAD_CREDENTIALS"
    """The provider does not accept Mainstay's credential; the caller's own is not in question."""
    PERMISSION = "PERMISSION"
    """Mainstay's credential may not do this at the provider."""
    BILLING = "BILLING"
    """Mainstay's account at the provider cannot pay."""
    CONTEXT_TOO_LONG = "CONTEXT_TOO_LONG"
    """The conversation does not fit the model's window: shorten it, or choose a larger model."""
    CONTENT_FILTERED = "CONTENT_FILTERED"
    """The provider refuses the question."""
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    """The target failed too often lately to be asked."""
    UNSUPPORTED = "UNSUPPORTED"
    """No target can do what the request needs, such as tools or images."""
    OUT_OF_TIME = "OUT_OF_TIME"
    """The caller's deadline came before an answer."""
    CANCELLED = "CANCELLED"
    """The caller left."""
    UNKNOWN = "UNKNOWN"
    """Something else went wrong at the provider."""
    REJECTED_PARAMETER = "REJECTED_PARAMETER"
    """The provider refuses something that Mainstay put into the request: a defect in Mainstay."""

    @classmethod
    def of(cls, text: str) -> Self | str:
        """The reason of this name; the text itself if this release does not know it."""
        try:
            return cls(text)
        except ValueError:
            return text
