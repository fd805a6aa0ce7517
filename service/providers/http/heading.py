"""What is said before the body, checked: a line break in a header would be a header, or a request, of its own.

- A header's name is a token and its value printable ASCII or tabs; a URL is printable ASCII without spaces. Anything
  else fails before a byte is sent, and the failure repeats no value.
- The host, the framing and the encoding are ours to say: such a header of anybody else's is left out. The body is JSON
  unless a header says otherwise.
- What cannot be said is no fault of the provider's and not for certain one of the caller's: REJECTED_PARAMETER, which
  asks the next target, blames nobody and is looked at by whoever runs the service.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from mainstay import v1 as pb
from service.chat.failures import Failure

USER_AGENT = "mainstay"

_DEFAULTS = {"accept": "*/*", "content-type": "application/json"}
_OURS = {"accept-encoding": "identity", "user-agent": USER_AGENT}
_FRAMING = frozenset(
    {"connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_URL = re.compile(r"[!-~]+")


class Origin(NamedTuple):
    """Whom a connection leads to."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes: to whom, how they are named in it, and what it asks for there."""

    origin: Origin
    authority: str
    target: str


@lru_cache(maxsize=256)
def destination(url: str) -> Destination:
    """Of an http(s) URL. Raises Failure(REJECTED_PARAMETER)."""
    if not _URL.fullmatch(url):
        raise _unsayable("the URL is not printable ASCII")
    try:
        split = urlsplit(url)
        default = _PORTS[split.scheme]
        port = default if split.port is None else split.port
    except (KeyError, ValueError):
        raise _unsayable("the URL is not http or https, or its port is none") from None
    if not split.hostname:
        raise _unsayable("the URL names no host")
    host = split.hostname
    authority = f"[{host}]" if ":" in host else host
    return Destination(
        origin=Origin(split.scheme, host, port),
        authority=authority if port == default else f"{authority}:{port}",
        target=(split.path or "/") + (f"?{split.query}" if split.query else ""),
    )


def fields(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request to a provider, their names in lower case. Raises Failure(REJECTED_PARAMETER)."""
    said = _DEFAULTS.copy()
    for name, value in headers.items():
        if not _NAME.fullmatch(name):
            raise _unsayable("the name of a header is none")
        if not (value.isascii() and value.replace("\t", " ").isprintable()):
            raise _unsayable(f"the value of header {name!r} is not printable ASCII")
        said[name.lower()] = value
    for name in _FRAMING & said.keys():
        del said[name]
    return said | _OURS


def heading(to: Destination, headers: Mapping[str, str], length: int) -> bytes:
    """The head of a request whose body has `length` bytes. Raises as `fields` does."""
    lines = [f"{name}: {value}\r\n" for name, value in fields(headers).items()]
    lines.append(f"content-length: {length}\r\n\r\n")
    return f"POST {to.target} HTTP/1.1\r\nhost: {to.authority}\r\n{''.join(lines)}".encode("ascii")


def _unsayable(why: str) -> Failure:
    return Failure(pb.FAILURE_KIND_REJECTED_PARAMETER, f"the request cannot be written as HTTP: {why}")
