"""Which kind of failure an error is.

Its words decide, then its text where PROVIDERS.md 2.3 and 2.4 say that nothing else tells, then its status; each
time what the vendor's own table says goes before what holds for all. Words are compared without case and
punctuation, so that `InvalidApiKey` and `invalid_api_key` are one; `*` stands for any run.
Sources: PROVIDERS.md 2.1 to 2.4 and section 3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from mainstay import v1 as pb
from service.providers.errors.body import ErrorBody

Kind: TypeAlias = pb.FailureKind.ValueType


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorTable:
    """In what a vendor's errors differ from those of most vendors; it stands in the catalog."""

    words: Mapping[Kind, str] = field(default_factory=lambda: MappingProxyType({}))
    """Codes and types, as the vendor writes them, with blanks between; the first kind that fits is meant."""
    texts: Mapping[Kind, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Parts of messages in lower case, for errors whose words do not tell; under any status."""
    statuses: Mapping[int, Kind] = field(default_factory=lambda: MappingProxyType({}))

    def over(self, other: "ErrorTable") -> "ErrorTable":
        """This table, and the other where this one says nothing."""
        words, texts = {**self.words, **other.words}, {**self.texts, **other.texts}
        return ErrorTable(
            words={kind: f"{self.words.get(kind, '')} {other.words.get(kind, '')}" for kind in words},
            texts={kind: (*self.texts.get(kind, ()), *other.texts.get(kind, ())) for kind in texts},
            statuses={**other.statuses, **self.statuses},
        )


NOTHING_OWN = ErrorTable()

_PATTERNS: Mapping[Kind, str] = {
    pb.FAILURE_KIND_CONTEXT_TOO_LONG: """
        contextlengthexceeded tokenlimitexceeded tokenstoolong characterstoolong
        exceedcontextsizeerror toomanyprompttokens modelcontextwindowexceeded""",
    pb.FAILURE_KIND_CONTENT_FILTERED: """
        contentfilter contentpolicyviolation responsibleaipolicyviolation datainspectionfailed
        unsaferequest *unsafe sensitivecontentdetected* *riskdetection""",
    pb.FAILURE_KIND_BILLING: """
        billingerror billingnotactive billinghardlimitreached creditbalanceexhausted
        insufficientbalance arrearage accountoverdue* *serviceoverdue allocationquotafreetieronly""",
    pb.FAILURE_KIND_QUOTA_EXHAUSTED: """
        insufficientquota organizationusagelimitexceeded organizationspendlimitexceeded
        projectspendlimitexceeded enforcedspendlimitreached exceededcurrentquotaerror
        setlimitexceeded quotaexceeded* sessionquotaexceeded codingplan*quotaexceeded budgetexceeded""",
    pb.FAILURE_KIND_BAD_CREDENTIALS: """
        invalidapikey incorrectapikey* invalidauthenticationerror authenticationerror
        invalidiamtoken invalidappid apikeyinvalid unauthenticated""",
    pb.FAILURE_KIND_PERMISSION: "permissiondenied permissionerror accessdenied* forbidden",
    pb.FAILURE_KIND_MODEL_NOT_FOUND: """
        modelnotfound modeldecommissioned modelnotopen modeloffline modelnotavailable invalidmodel
        unsupportedmodel invalidendpointormodel* invalidendpointclosedendpoint deploymentnotfound""",
    pb.FAILURE_KIND_RATE_LIMITED: """
        *ratelimitexceeded ratelimiterror ratelimitreached* ratelimited *rpmexceeded *tpmexceeded
        throttling* limitrequests limitburstrate requestbursttoofast inflightbatchsizeexceeded
        openrouterinflightbudget toomanyrequests""",
    pb.FAILURE_KIND_OVERLOADED: """
        overloadederror engineoverloadederror serveroverloaded serverisoverloaded capacityexceeded
        modelunavailable requesttimeout""",
    pb.FAILURE_KIND_MALFORMED: "toolusefailed jsonvalidatefailed",
}
_VAGUE: Mapping[Kind, str] = {
    pb.FAILURE_KIND_INVALID_REQUEST: "invalidrequesterror badrequest badrequesterror",
    pb.FAILURE_KIND_OVERLOADED: "servererror internalservererror internalerror apierror timeouterror",
}
"""Words that say no more than a status, for errors that come without one."""

_TEXTS: Mapping[Kind, tuple[str, ...]] = {
    pb.FAILURE_KIND_CONTEXT_TOO_LONG: (
        "maximum context length is",
        "exceeded max context length",
        "exceed context limit",
        "is longer than the model's context length",
        "input tokens exceed the configured limit",
        "exceeds the available context size",
        "exceeds the maximum number of tokens allowed",
        "range of input length should be",
        "exceeded model token limit",
        "input token length too long",
        "prompt is too long",
        "reduce the length",
    ),
    pb.FAILURE_KIND_BAD_CREDENTIALS: ("incorrect api key provided", "api key not valid"),
    pb.FAILURE_KIND_CONTENT_FILTERED: ("content violates usage guidelines",),
}
_TEXT_TELLS = frozenset({0, 400, 403, 413, 422, 500})

_STATUSES: Mapping[int, Kind] = {
    401: pb.FAILURE_KIND_BAD_CREDENTIALS,
    402: pb.FAILURE_KIND_BILLING,
    403: pb.FAILURE_KIND_PERMISSION,
    404: pb.FAILURE_KIND_MODEL_NOT_FOUND,
    408: pb.FAILURE_KIND_OVERLOADED,
    409: pb.FAILURE_KIND_OVERLOADED,
    413: pb.FAILURE_KIND_CONTEXT_TOO_LONG,  # too large for this target; another may take it
    425: pb.FAILURE_KIND_OVERLOADED,
    429: pb.FAILURE_KIND_RATE_LIMITED,
    498: pb.FAILURE_KIND_OVERLOADED,
    499: pb.FAILURE_KIND_UNREACHABLE,  # some hop on the way gave up; our caller is still there
}


def kind_of(status: int, error: ErrorBody, otherwise: Kind, own: ErrorTable = NOTHING_OWN) -> Kind:
    """The kind of failure; `status` is 0 if there is none, and `otherwise` the kind if nothing tells."""
    words = tuple(_plain(word) for word in error.words)
    kind = _by_words(words, own.words)
    if kind is None:
        kind = _by_words(words, _PATTERNS)
    if status == 413 and kind == pb.FAILURE_KIND_RATE_LIMITED:
        return pb.FAILURE_KIND_CONTEXT_TOO_LONG  # Groq: this one request is over the limit of a whole minute
    if kind is None:
        kind = _by_text(error.message.lower(), own.texts)
    if kind is None and status in _TEXT_TELLS:
        kind = _by_text(error.message.lower(), _TEXTS)
    if kind is None:
        kind = _by_status(status, own.statuses) if status else _by_words(words, _VAGUE)
    return otherwise if kind is None else kind


def _by_words(words: tuple[str, ...], table: Mapping[Kind, str]) -> Kind | None:
    for word in words:
        for kind, patterns in table.items():
            if any(fnmatchcase(word, _plain(pattern)) for pattern in patterns.split()):
                return kind
    return None


def _by_text(text: str, table: Mapping[Kind, tuple[str, ...]]) -> Kind | None:
    return next((kind for kind, parts in table.items() if any(part in text for part in parts)), None)


def _by_status(status: int, own: Mapping[int, Kind]) -> Kind | None:
    if status in own:
        return own[status]
    if status in _STATUSES:
        return _STATUSES[status]
    if 500 <= status < 600:
        return pb.FAILURE_KIND_OVERLOADED
    return pb.FAILURE_KIND_INVALID_REQUEST if 400 <= status < 500 else None


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    return re.sub(r"[^\w*]+|_", "", word.lower())
