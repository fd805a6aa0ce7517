"""Static headers of every request to a provider: bounded, and unable to change the request's frame."""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_VALUE = re.compile(r"[\t -~]{0,4096}")
_OURS = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "proxy-authorization",
        "transfer-encoding",
    }
)


def check_headers(headers: dict[str, str]) -> dict[str, str]:
    """The headers themselves. Raises ValueError with everything that is wrong and none of the values."""
    wrong = list(_wrongs(headers))
    if wrong:
        raise ValueError("; ".join(wrong))
    return headers


def _wrongs(headers: dict[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    for name, value in headers.items():
        folded = name.lower()
        if not _NAME.fullmatch(name):
            yield f"{name[:64]!r} is not a header name"
        elif folded in _OURS:
            yield f"{name} cannot be set here"
        elif folded in seen:
            yield f"{name} is there twice"
        elif not _VALUE.fullmatch(value):
            yield f"{name} must be at most 4096 printable ASCII characters"
        seen.add(folded)


Headers = Annotated[dict[str, str], AfterValidator(check_headers), Field(max_length=32)]
"""Header name to value; names are compared without case."""
