"""Which kind of failure an error is.

Its words decide, then its text where PROVIDERS.md 2.3 and 2.4 say that nothing else tells, then its status.
Words are compared without case and punctuation, so that `InvalidApiKey` and `invalid_api_key` are one; `*`
stands for any run. Sources: PROVIDERS.md 2.1 to 2.4 and section 3.
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TypeAlias

from mainstay import v1 as pb
from service.providers.openai.error_body import ErrorBody

Kind: TypeAlias = pb.FailureKind.ValueType

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
_NUMBERS: Mapping[Kind, str] = {
    pb.FAILURE_KIND_CONTEXT_TOO_LONG: "1261",
    pb.FAILURE_KIND_CONTENT_FILTERED: "1301",
    pb.FAILURE_KIND_MODEL_NOT_FOUND: "1211",
    pb.FAILURE_KIND_RATE_LIMITED: "1302 1303 1312",
    pb.FAILURE_KIND_OVERLOADED: "1200 1230 1234 1305",
    pb.FAILURE_KIND_BILLING: "1113",
    pb.FAILURE_KIND_QUOTA_EXHAUSTED: "1304 1308 1309 1310 1316 1317 1318 1319 1320 1321",
}
"""Zhipu's, which come without a type; Mistral's are others and come with one."""

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


def kind_of(status: int, error: ErrorBody, otherwise: Kind) -> Kind:
    """The kind of failure; `status` is 0 if there is none, and `otherwise` the kind if nothing tells."""
    words = [_plain(word) for word in error.words]
    kind = _by_words(words, _PATTERNS)
    if kind is None and len(words) == 1:
        kind = _by_words(words, _NUMBERS)
    if status == 413 and kind == pb.FAILURE_KIND_RATE_LIMITED:
        return pb.FAILURE_KIND_CONTEXT_TOO_LONG  # Groq: this one request is over the limit of a whole minute
    if kind is None and status in _TEXT_TELLS:
        kind = _by_text(error.message.lower())
    if kind is None:
        kind = _by_status(status) if status else _by_words(words, _VAGUE)
    return otherwise if kind is None else kind


def _by_words(words: Iterable[str], table: Mapping[Kind, str]) -> Kind | None:
    for word in words:
        for kind, patterns in table.items():
            if any(fnmatchcase(word, pattern) for pattern in patterns.split()):
                return kind
    return None


def _by_text(text: str) -> Kind | None:
    return next((kind for kind, parts in _TEXTS.items() if any(part in text for part in parts)), None)


def _by_status(status: int) -> Kind | None:
    if status in _STATUSES:
        return _STATUSES[status]
    if 500 <= status < 600:
        return pb.FAILURE_KIND_OVERLOADED
    return pb.FAILURE_KIND_INVALID_REQUEST if 400 <= status < 500 else None


def _plain(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.lower())
