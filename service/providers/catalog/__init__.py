"""The vendors that we know, a row each: data, never code.

A provider of the configuration refers to a row by `catalog`, or by its own name. `docs/providers.md` tells how to
add one.
"""

from collections.abc import Mapping
from types import MappingProxyType

from service.providers.catalog.brokers import BROKERS
from service.providers.catalog.china import CHINA
from service.providers.catalog.google import GOOGLES
from service.providers.catalog.messages import MESSAGES
from service.providers.catalog.own import OWN
from service.providers.catalog.row import Auth, ModelRow, Prices, Row, Source
from service.providers.catalog.sources import page
from service.providers.catalog.west import WEST

_ALL = (*CHINA, *WEST, *MESSAGES, *GOOGLES, *BROKERS, *OWN)
ROWS: Mapping[str, Row] = MappingProxyType({row.name: row for row in _ALL})
"""Every row by its name."""

GENERIC = Row(name="", source=page("1.2"))
"""Somebody of whom we know only which protocol he speaks, `speaking` says which; else that of OpenAI."""


def row(name: str) -> Row:
    """The row of that name; the generic one if there is none."""
    return ROWS.get(name, GENERIC)


def defaults() -> dict[str, dict[str, str]]:
    """What each row says in the words of the configuration, under its name; a provider may say otherwise."""
    return {name: _default(row) for name, row in ROWS.items()}


def _default(row: Row) -> dict[str, str]:
    address = {"base_url": row.base_url} if row.base_url else {}
    return {"protocol": row.protocol, "auth": row.auth, **address}


__all__ = ["GENERIC", "ROWS", "Auth", "ModelRow", "Prices", "Row", "Source", "defaults", "row"]
