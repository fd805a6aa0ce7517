"""Whom to tell what operators should know of credentials. Never what is in them."""

from typing import Protocol

from service.chat.failures import Failure
from service.chat.target import Target


class Told(Protocol):
    """Must not raise and must not wait."""

    def set_aside(self, key: str, target: Target, failure: Failure, seconds: float) -> None:
        """The key of that name will not be used for so long."""
        ...

    def not_fetched(self, host: str, failure: Failure) -> None:
        """The token server gives no token; told once, until it does."""
        ...

    def fetched_again(self, host: str) -> None:
        """It gives tokens again."""
        ...

    def learned(self, host: str, token: str) -> None:
        """A token that must not be shown; of a host's only the latest two are of use."""
        ...


class Nowhere:
    """Implements `Told`: nobody wants to know."""

    def set_aside(self, key: str, target: Target, failure: Failure, seconds: float) -> None: ...

    def not_fetched(self, host: str, failure: Failure) -> None: ...

    def fetched_again(self, host: str) -> None: ...

    def learned(self, host: str, token: str) -> None: ...
