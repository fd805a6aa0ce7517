"""The seam between the leaf and whatever it identifies by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from service.chat.failures import Failure
from service.chat.target import Target


@dataclass(frozen=True, slots=True, eq=False)  # two are one only if they are the same object
class Credential:
    """What one request carries."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    of: object = field(default=None, repr=False)
    """What its owner knows it by."""


class Credentials(Protocol):
    """All that one provider knows us by."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Those of now and of just before, which are to stay out of whatever the provider says."""
        ...

    async def take(self, target: Target, key: int | None = None) -> Credential:
        """The one for the next request; `key` is the position of the one that was chosen for it, if one was.

        Raises Failure if there is none.
        """
        ...

    def failed(self, credential: Credential, target: Target, failure: Failure) -> bool:
        """A request that carried it failed. Whether another one can be had for a further request, at once."""
        ...


class Nobody:
    """For providers that want to know nothing, or are told it in headers that never change."""

    secrets: tuple[str, ...] = ()

    async def take(self, target: Target, key: int | None = None) -> Credential:
        """The same each time."""
        return _NOTHING

    def failed(self, credential: Credential, target: Target, failure: Failure) -> bool:
        """There is no other."""
        return False


_NOTHING = Credential()
