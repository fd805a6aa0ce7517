"""Who we are to each provider: the configuration, as the objects that identify us. Belongs to app."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from service.config import OAuthSettings, ProviderSettings, Settings, keys_of
from service.policies.keys import KeyRing
from service.providers.auth import Credentials, Grant, Key, Keys, Nobody, OAuth, Tokens, Told, fetched
from service.providers.http import Http


def rings_of(settings: Settings) -> Mapping[str, KeyRing]:
    """The ring of each provider that has keys: the lease chooses from it, and the leaf tells it of those that fail."""
    weights = {
        name: [known.weight for known in keys_of(provider) if known.key is not None]
        for name, provider in settings.providers.items()
    }
    return {name: KeyRing(each, time.monotonic) for name, each in weights.items() if each}


@dataclass(frozen=True, slots=True)
class Identities:
    """Makes what each provider identifies by. Who is the same client at the same server shares its tokens."""

    told: Told
    rings: Mapping[str, KeyRing]
    _tokens: dict[tuple[Grant, str | None, Path | None], Tokens] = field(default_factory=dict)

    def of(self, name: str, provider: ProviderSettings, http: Http) -> Credentials:
        """By which the provider of that name knows us; `http` leads to its token server, too."""
        if provider.oauth is not None:
            return self._oauth(provider, provider.oauth, http)
        keys = [known for known in keys_of(provider) if known.key is not None]
        if not keys:
            return Nobody()
        named = [Key(known.name, known.key.reveal()) for known in keys if known.key is not None]
        return Keys(named, provider.auth, self.rings[name], self.told)

    def _oauth(self, provider: ProviderSettings, oauth: OAuthSettings, http: Http) -> OAuth:
        grant = _grant(oauth)
        client = (grant, provider.proxy, provider.ca_file)
        if client not in self._tokens:
            self._tokens[client] = Tokens(
                partial(fetched, grant, http, provider.connect_timeout),
                host=grant.host,
                timeout=oauth.timeout,
                now=time.monotonic,
                random=random.random,
                told=self.told,
            )
        return OAuth(self._tokens[client], provider.auth, grant.secrets)


def _grant(oauth: OAuthSettings) -> Grant:
    scope = {"scope": oauth.scope} if oauth.scope else {}
    return Grant(
        url=oauth.token_url,
        client_id=oauth.client_id,
        client_secret=oauth.client_secret.reveal() if oauth.client_secret else "",
        send_as=oauth.send_as,
        client_in=oauth.client_in,
        id_field=oauth.id_field,
        secret_field=oauth.secret_field,
        fields=tuple({**scope, **oauth.fields}.items()),
        token_path=oauth.token_path,
        life_path=oauth.expiry_path,
        assumed_life=oauth.assumed_life,
    )
