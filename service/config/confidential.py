"""Every text of the configuration that is a credential: what the log must never show, should it ever get there."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote, urlsplit

from service.config.providers import ProviderSettings
from service.config.settings import Settings

_CREDENTIAL = re.compile(r"auth|cookie|credential|key|passw|secret|token", re.IGNORECASE)
"""Headers of this kind of name carry one."""
_EXPORTERS = tuple(f"OTEL_EXPORTER_OTLP{signal}" for signal in ("", "_TRACES", "_METRICS", "_LOGS"))


def confidential(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """Keys, headers that carry one, and what exporters identify with."""
    for provider in settings.providers.values():
        yield from credentials_of(provider)
    for exporter in _EXPORTERS:
        yield from _in_headers(environ.get(f"{exporter}_HEADERS", ""))
        yield from _in_url(environ.get(f"{exporter}_ENDPOINT", ""))


def credentials_of(provider: ProviderSettings) -> Iterator[str]:
    """Its keys, its client's secret, and headers that carry one: the value, and what follows a scheme in it."""
    client = provider.oauth.client_secret if provider.oauth else None
    for secret in (provider.api_key, *(written.key for written in provider.api_keys), client):
        if secret is not None:
            yield secret.reveal()
    for name, value in provider.headers.items():
        if _CREDENTIAL.search(name):
            yield from _with_or_without_scheme(value)


def _in_headers(text: str) -> Iterator[str]:
    """Of `name=value,name=value`: every value, since vendors call theirs as they please, and what follows a scheme."""
    for pair in text.split(","):
        written = pair.partition("=")[2].strip()
        for value in (written, unquote(written)):
            yield from _with_or_without_scheme(value)


def _with_or_without_scheme(value: str) -> Iterator[str]:
    yield value
    yield value.partition(" ")[2].strip()


def _in_url(url: str) -> Iterator[str]:
    try:
        password = urlsplit(url).password
    except ValueError:  # the exporter will say so
        return
    if password:
        yield from (password, unquote(password))
