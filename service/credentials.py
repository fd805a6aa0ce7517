"""Who we are to each provider: the configuration, as the objects that identify us. Belongs to app."""

import random
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from service.config import OAuthSettings, ProviderSettings, keys_of
from service.policies.keys import KeyRing
from service.providers.auth import Credentials, Grant, Key, Keys, Nobody, OAuth, Tokens, Told, fetched
from service.providers.http import Http


@dataclass(frozen=True, slots=True)
class Identities:
    """Makes what each provider identifies by. Who is the same client at the same server shares its tokens."""

    told: Told
    _tokens: dict[tuple[Grant, str | None, Path | None], Tokens] = field(default_factory=dict)

    def of(self, provider: ProviderSettings, http: Http) -> Credentials:
        """By which a provider knows us; `http` leads to its token server, too."""
        if provider.oauth is not None:
            return self._oauth(provider, provider.oauth, http)
        keys = [known for known in keys_of(provider) if known.key is not None]
        if not keys:
            return Nobody()
        ring = KeyRing([known.weight for known in keys], time.monotonic)
        named = [Key(known.name, known.key.reveal()) for known in keys if known.key is not None]
        return Keys(named, provider.auth, ring, self.told)

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
