"""URLs and addresses, checked without ever repeating what may hold a password."""

import re
from ipaddress import IPv6Address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_PRINTABLE = re.compile(r"[!-\[\]-~]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,15}://")
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_ADDRESS = re.compile(r"(?:\[([^\]]+)\]|[A-Za-z0-9_.-]{1,253}):([0-9]{1,5})")


def check_base_url(url: str) -> str:
    """An http(s) URL without userinfo, query and fragment, its trailing slashes trimmed."""
    split = _split(url)
    if split.path.rstrip("/").endswith("/chat/completions"):
        raise _wrong("must end before /chat/completions: that is appended")
    return url.rstrip("/")


def check_token_url(url: str) -> str:
    """As a base URL, and nobody on the way may read what it is sent: https, or this machine."""
    split = _split(url)
    if split.scheme.lower() != "https" and split.hostname not in _THIS_MACHINE:
        raise _wrong("must start with https://: a secret is sent there; http:// only to 127.0.0.1, ::1 or localhost")
    return url


def check_proxy(url: str | None) -> str | None:
    """The http(s) URL of a proxy, without a path; empty text is no proxy."""
    if not url:
        return None
    if _split(url).path.strip("/"):
        raise _wrong("must be scheme, host and port only")
    return url.rstrip("/")


def check_address(address: str) -> str:
    """`host:port` to listen on; IPv6 in brackets; port 0 lets the system choose."""
    written = _ADDRESS.fullmatch(address)
    if written is None or int(written[2]) > 65535:
        raise ValueError("must be host:port, the port from 0 to 65535, such as 127.0.0.1:50051 or [::1]:50051")
    if written[1]:
        _check_ipv6(written[1])
    return address


def _split(url: str) -> SplitResult:
    if not url.lower().startswith(("http://", "https://")):
        scheme = _SCHEME.match(url)
        got = f"'{scheme[0]}…'" if scheme else "no scheme"
        raise _wrong(f"must start with http:// or https:// (got {got})")
    if not _PRINTABLE.fullmatch(url):
        raise _wrong("must be printable ASCII without spaces and backslashes")
    if "@" in url:
        raise _wrong("must not hold a user name or password")
    if "?" in url or "#" in url:
        raise _wrong("must not hold a query or a fragment")
    split = _parsed(url)
    if split is None or not split.hostname:
        raise _wrong("must name a host, and a port only from 1 to 65535")
    return split


def _parsed(url: str) -> SplitResult | None:
    try:
        split = urlsplit(url)
        return split if split.port != 0 else None
    except ValueError:
        return None


def _check_ipv6(host: str) -> None:
    try:
        IPv6Address(host)
    except ValueError:
        raise ValueError("must hold an IPv6 address between the brackets") from None


def _wrong(message: str) -> PydanticCustomError:
    # Of its own type, so that the value is not quoted: a misplaced key or password may be in it.
    return PydanticCustomError("url", "{reason}", {"reason": message})


BaseUrl = Annotated[str, AfterValidator(check_base_url)]
TokenUrl = Annotated[str, AfterValidator(check_token_url)]
ProxyUrl = Annotated[str | None, AfterValidator(check_proxy)]
Address = Annotated[str, AfterValidator(check_address)]
