"""What a provider's row says of who we are to it: which keys there are, and what is missing."""

from collections.abc import Iterator
from typing import NamedTuple

from service.config.providers import ProviderSettings
from service.config.secret import Secret


class KeyOf(NamedTuple):
    """One key of a provider: `path` leads to it from the provider's row; `key` is None if it is empty."""

    name: str
    path: str
    key: Secret | None
    weight: int = 1


def keys_of(provider: ProviderSettings) -> Iterator[KeyOf]:
    """All that are written, empty ones too; none if it identifies otherwise."""
    if provider.auth == "none" or provider.oauth is not None:
        return
    if provider.api_key is not None or not provider.api_keys:
        yield KeyOf("api_key", "api_key", provider.api_key)
    for index, written in enumerate(provider.api_keys):
        yield KeyOf(written.name or str(index + 1), f"api_keys.{index}.key", written.key, written.weight)


def missing(provider: ProviderSettings) -> tuple[str, str] | None:
    """What it cannot do without, for people, and the path to it; None: nothing is missing."""
    if provider.oauth is not None:
        if not provider.oauth.client_id:
            return "client id", "oauth.client_id"
        return None if provider.oauth.client_secret is not None else ("client secret", "oauth.client_secret")
    keys = list(keys_of(provider))
    if not keys or any(known.key is not None for known in keys):
        return None
    return "key", keys[0].path
