"""The seam between what a provider is asked and the way by which it is reached."""

from collections.abc import Mapping
from typing import Protocol


class Broken(Exception):
    """The connection ended before the answer did. Its text says how, in words that are nobody's secret."""


class Arriving(Protocol):
    """An answer whose head is here and whose body is on its way. Whoever holds it closes it."""

    @property
    def status(self) -> int:
        """The final one: interim answers are passed over."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Their names in any case."""
        ...

    async def read(self) -> bytes:
        """What arrived since the last read; b"" at the end. Raises Broken and Failure(MALFORMED), after what came."""
        ...

    async def aclose(self) -> None:
        """Gives the connection back if the answer is complete, else closes it at once. May be called twice."""
        ...


class Way(Protocol):
    """By which requests reach a provider."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, connect: float) -> Arriving:
        """Sends a request; returns when the answer's head is here.

        `connect` is the longest time to reach the provider, in seconds, TLS included. Raises Failure: UNREACHABLE if
        nothing came back, CUT_OFF if less than a head did, MALFORMED if it was no HTTP, REJECTED_PARAMETER if the
        request cannot be written down. A request that fails or is cancelled leaves no connection open.
        """
        ...

    async def aclose(self) -> None:
        """Closes all connections, those in use too."""
        ...
