"""What the headers of an error say: how long to wait, and how the provider names the request."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from service.providers.errors.body import printable

LONGEST_WAIT = 86_400.0
"""Seconds; a longer wait is taken for a mistake."""

_ID_HEADERS = ("x-litellm-call-id", "x-request-id", "request-id", "x-deepseek-request-id", "apim-request-id")
_BEHIND_LITELLM = "llm_provider-retry-after"
"""What the vendor behind LiteLLM's proxy asked for, which hands its headers on under names like this one."""
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?")


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """The wait in seconds that the provider asks for.

    Zero says nothing: Azure rounds `retry-after-ms` down to it beside a `retry-after` of 1. A date is counted
    from the answer's own `Date`, so that the provider's clock is compared with itself.
    """
    said = _lower(headers)
    asked = said.get("retry-after") or said.get(_BEHIND_LITELLM, "")
    milliseconds = _number(said.get("retry-after-ms", ""))
    waits = (
        milliseconds / 1000 if milliseconds else None,
        _number(asked),
        _until(asked, said.get("date", "")),
    )
    return next((wait for wait in waits if wait and 0 < wait <= LONGEST_WAIT), None)


def request_id_of(headers: Mapping[str, str]) -> str:
    """The provider's name of the request; "" if it gives none."""
    said = _lower(headers)
    return next((found for name in _ID_HEADERS if (found := printable(said.get(name, "")))), "")


def date_of(value: str) -> datetime | None:
    """An HTTP date; None: it is none."""
    try:
        date = parsedate_to_datetime(value[:64])
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo else None


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _number(value: str) -> float | None:
    return float(value) if _NUMBER.fullmatch(value := value.strip()) else None


def _until(then: str, now: str) -> float | None:
    begin, end = date_of(now), date_of(then)
    return (end - begin).total_seconds() if begin and end else None
