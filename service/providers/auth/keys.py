"""Identifies by one of several keys."""

from collections.abc import Sequence
from typing import NamedTuple

from service.chat.failures import Blame, Failure
from service.chat.target import Target
from service.policies.keys import KeyRing
from service.providers.auth.credentials import Credential
from service.providers.auth.scheme import carried
from service.providers.auth.told import Told


class Key(NamedTuple):
    """A key, and what operators call it."""

    name: str
    text: str

    def __repr__(self) -> str:
        return f"Key({self.name})"


class Keys:
    """Implements `Credentials`. The lease chooses, from the same ring, and the call says which; else the ring does."""

    def __init__(self, keys: Sequence[Key], auth: str, ring: KeyRing, told: Told) -> None:
        """`auth` says how a key travels."""
        self._keys = tuple(keys)
        self._credentials = [Credential(carried(auth, key.text), index) for index, key in enumerate(keys)]
        self._ring = ring
        self._told = told
        self.secrets = tuple(key.text for key in keys)

    async def take(self, target: Target, key: int | None = None) -> Credential:
        """See `Credentials.take`. There always is one."""
        return self._credentials[self._ring.choose(target.model) if key is None else key]

    def failed(self, credential: Credential, target: Target, failure: Failure) -> bool:
        """See `Credentials.failed`."""
        if not failure.verdict.rotate_key or not isinstance(credential.of, int):
            return False
        seconds = self._ring.set_aside(credential.of, target.model, failure)
        if seconds is not None and failure.verdict.blame is Blame.KEY_LONG:
            self._told.set_aside(self._keys[credential.of].name, target, failure, seconds)
        return self._ring.has_another(target.model)
