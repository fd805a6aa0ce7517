"""Who we are to a provider: what each request carries, and what becomes of it when the provider refuses.

    Credentials ─┬─ Keys    several keys of one provider, chosen by policies/keys
                 └─ OAuth   the current token of a Tokens, which fetches one by its Grant, renews it and drops it

The leaf takes a credential for each request and tells when a request failed. Which of several keys it is, the lease
has chosen; the call says it, as a position.
"""

from service.providers.auth.credentials import Credential, Credentials, Nobody
from service.providers.auth.fetching import fetched
from service.providers.auth.grant import Grant
from service.providers.auth.keys import Key, Keys
from service.providers.auth.oauth import OAuth
from service.providers.auth.scheme import carried
from service.providers.auth.tokens import Tokens
from service.providers.auth.told import Nowhere, Told

__all__ = [
    "Credential",
    "Credentials",
    "Grant",
    "Key",
    "Keys",
    "Nobody",
    "Nowhere",
    "OAuth",
    "Tokens",
    "Told",
    "carried",
    "fetched",
]
