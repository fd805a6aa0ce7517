"""The client credentials grant (RFC 6749, 4.4), and what token servers have made of it: one request, and its answer.

Pure. What servers say for themselves is repeated nowhere: it may hold what we identified by.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.errors.headers import retry_after_of

FORM = "application/x-www-form-urlencoded"
LIFE_LEAST, LIFE_MOST = 1.0, 366 * 86_400.0
"""Seconds. A token is believed to live no shorter and no longer, whatever is said."""
_NAMED = frozenset(
    {
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
    }
)
"""Errors that have a name in RFC 6749, which is worth repeating."""


class Request(NamedTuple):
    """What a token server is asked."""

    url: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Granted(NamedTuple):
    """A token, and how many seconds it lives from now."""

    token: str
    life: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Where a token is asked for, how, and where it stands in the answer. Paths have a dot between their names."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    send_as: Literal["form", "json", "query"] = "form"
    client_in: Literal["body", "basic"] = "body"
    """Whether the client is named beside the other fields, or in a header of its own."""
    id_field: str = "client_id"
    secret_field: str = "client_secret"  # noqa: S105 - its name
    fields: tuple[tuple[str, str], ...] = ()
    """Further ones, such as `scope`."""
    token_path: str = "access_token"  # noqa: S105 - where it is
    life_path: str = "expires_in"
    assumed_life: float = 300.0
    """Seconds that a token lives if nothing is said of it."""

    @property
    def host(self) -> str:
        """Of the token server, for people."""
        return urlsplit(self.url).hostname or ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of a request nobody else may see."""
        return self.client_secret, _basic(self.client_id, self.client_secret)

    def request(self) -> Request:
        """For one token."""
        fields = {"grant_type": "client_credentials", **dict(self.fields)}
        headers = {"accept": "application/json", "content-type": FORM}
        if self.client_in == "basic":
            headers["authorization"] = f"Basic {_basic(self.client_id, self.client_secret)}"
        else:
            fields |= {self.id_field: self.client_id, self.secret_field: self.client_secret}
        match self.send_as:
            case "form":
                return Request(self.url, headers, urlencode(fields).encode())
            case "json":
                return Request(self.url, headers | {"content-type": "application/json"}, orjson.dumps(fields))
            case "query":
                return Request(f"{self.url}?{urlencode(fields)}", headers, b"")

    def granted(self, status: int, headers: Mapping[str, str], body: bytes) -> Granted:
        """What the answer grants. Raises Failure."""
        said = _object(body)
        if status == 429 or status >= 500:
            kind = pb.FAILURE_KIND_OVERLOADED
            raise Failure(kind, f"no token from {self.host} (HTTP {status})", retry_after=retry_after_of(headers))
        token = _at(said, self.token_path)
        if not 200 <= status < 300:
            raise self._refused(f"it does not accept our client (HTTP {status}{_name_of(said)})")
        if not isinstance(token, str) or not token:
            raise self._refused(f"its answer has none at {self.token_path!r}{_name_of(said)}")
        if not all("!" <= letter <= "~" for letter in token):
            raise self._refused("the one it gave does not fit into a header")
        return Granted(token, self._life(_at(said, self.life_path)))

    def _refused(self, why: str) -> Failure:
        return Failure(pb.FAILURE_KIND_BAD_CREDENTIALS, f"no token from {self.host}: {why}")

    def _life(self, said: Any) -> float:
        try:
            life = float(said)
        except (TypeError, ValueError, OverflowError):
            return self.assumed_life
        return min(max(life, LIFE_LEAST), LIFE_MOST) if isfinite(life) else self.assumed_life


def _basic(client_id: str, secret: str) -> str:
    """As RFC 6749, 2.3.1 wants it: both are encoded as in a form first."""
    return b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


def _object(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _at(said: Any, path: str) -> Any:
    for name in path.split("."):
        said = said.get(name) if isinstance(said, dict) else None
    return said


def _name_of(said: Any) -> str:
    name = _at(said, "error")
    return f", {name}" if isinstance(name, str) and name in _NAMED else ""
