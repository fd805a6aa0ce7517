"""How a provider is reached, and whom we believe that it is the provider."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx


@dataclass(frozen=True, slots=True)
class Connecting:
    """How a provider is reached."""

    tls: ssl.SSLContext
    proxy: str | None = None


def trust(authorities: Path | None = None) -> ssl.SSLContext:
    """Whom to believe: the authorities of a PEM file, or certifi's. Costs tens of milliseconds: share it."""
    if authorities is None:
        return httpx.create_ssl_context(trust_env=False)
    return ssl.create_default_context(cafile=authorities)
