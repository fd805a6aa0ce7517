"""What the headers of an answer say of the provider's limits: how much there is in all, what is left, and for how long.

OpenAI, Azure and Groq write `x-ratelimit-remaining-requests: 59` and durations as Go does (`6m0s`, `17ms`); Anthropic
`anthropic-ratelimit-requests-remaining`, and RFC 3339. Of the others few say anything (PROVIDERS.md 2.7).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from service.chat.permit import Allowance, Allowances
from service.providers.errors.headers import LONGEST_WAIT, date_of

_NUMBER = re.compile(r"[0-9]{1,15}")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(?:[0-9]{1,12}(?:\.[0-9]{1,9})?(?:h|ms|m|s|us|µs|ns)){1,6}")
_PIECE = re.compile(r"([0-9.]+)(h|ms|m|s|us|µs|ns)")
_BARE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


class _Names(NamedTuple):
    limit: str
    remaining: str
    reset: str


def _openai(what: str) -> _Names:
    return _Names(*(f"x-ratelimit-{part}-{what}" for part in _Names._fields))


def _anthropic(what: str) -> _Names:
    return _Names(*(f"anthropic-ratelimit-{what}-{part}" for part in _Names._fields))


_REQUESTS = (_openai("requests"), _anthropic("requests"))
_TOKENS = (_openai("tokens"), _anthropic("tokens"))


def allowances_of(headers: Mapping[str, str]) -> Allowances | None:
    """None: nothing is said that makes sense. Names of headers are in lower case, or in any."""
    requests, tokens = _found(headers, _REQUESTS), _found(headers, _TOKENS)
    return None if requests is None and tokens is None else Allowances(requests, tokens)


def _found(headers: Mapping[str, str], spellings: tuple[_Names, ...]) -> Allowance | None:
    for names in spellings:
        if names.remaining in headers:
            return _allowance(headers, names)
    return None


def _allowance(headers: Mapping[str, str], names: _Names) -> Allowance | None:
    """Zeros and more than there is in all are what some gateways say who do not know."""
    limit, remaining = _number(headers.get(names.limit, "")), _number(headers[names.remaining])
    if not limit or remaining is None or remaining > limit:
        return None
    reset = headers.get(names.reset, "")
    if not reset:
        return Allowance(limit, remaining)
    seconds = _seconds(reset.strip(), headers.get("date", ""))
    return Allowance(limit, remaining, seconds) if seconds is not None and 0 < seconds <= LONGEST_WAIT else None


def _number(said: str) -> float | None:
    return float(said) if _NUMBER.fullmatch(said := said.strip()) else None


def _seconds(said: str, now: str) -> float | None:
    if _BARE.fullmatch(said):
        return float(said)
    if _DURATION.fullmatch(said):
        return sum(float(number) * _SECONDS[unit] for number, unit in _PIECE.findall(said))
    return _until(said, now)


def _until(then: str, now: str) -> float | None:
    """Counted from the answer's own date, which its server's clock gave, too."""
    begin = date_of(now)
    try:
        end = datetime.fromisoformat(then[:40])
    except ValueError:
        return None
    return (end - begin).total_seconds() if begin and end.tzinfo else None
