"""The current token of one client at one token server.

    none ──fetched──▶ fresh ──its time comes──▶ due ──fetched──▶ fresh
     ▲                  │                        ├──no success──▶ due, after a wait, and used until it expires
     └──── refused ─────┴────────────────────────┘

- One fetch at a time. Who needs a token waits for it; who comes while the old one is valid uses that.
- No task of its own: the fetch is its first waiter's. Should that one leave, the next begins anew.
- A failed fetch is a failure for all who wait for it, and nobody asks again until its wait is over.
- A refused token is dropped, if it is still the current one; the next takes its place at once. If that is refused
  while young, tokens are not what is missing: that counts as a failed fetch.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.auth.grant import Granted
from service.providers.auth.renewal import Backoff, renewed_after
from service.providers.auth.told import Told

WHILE_VALID = 2.0
"""Seconds that a call waits at most for a new token while the old one would do."""
YOUNG = 60.0
"""Seconds within which a token that stands in for a refused one should not be refused, too."""


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """One that was granted. Times are on the clock of its owner."""

    text: str = field(repr=False)
    since: float
    due: float
    expires: float
    stands_in: bool
    """For one that was refused."""


class Tokens:
    """Shared by all providers that identify by the same client."""

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Granted]],
        *,
        host: str,
        timeout: float,
        now: Callable[[], float],
        random: Callable[[], float],
        told: Told,
    ) -> None:
        """`timeout` bounds a fetch, in seconds. `now` is monotonic; `random` is uniform over [0, 1)."""
        self._fetch = fetch
        self._host = host
        self._timeout = timeout
        self._now = now
        self._random = random
        self._told = told
        self._lock = asyncio.Lock()
        self._backoff = Backoff(random)
        self._token: Token | None = None
        self._stands_in = False
        self._missing: Failure | None = None
        """Why there was none the last time; never raised itself, as it would gather tracebacks."""
        self._not_before = now()

    async def current(self) -> Token:
        """One that is valid. Raises Failure."""
        token, now = self._token, self._now()
        if token is not None and now < token.due:
            return token
        if token is not None and now < token.expires and (self._lock.locked() or now < self._not_before):
            return token
        async with self._lock:
            return await self._renewed()

    def refused(self, token: object) -> bool:
        """The provider did not accept it. Whether another one can be had."""
        if token is self._token and self._token is not None:
            self._drop(self._token)
        return self._token is not None or self._now() >= self._not_before

    def _drop(self, token: Token) -> None:
        self._token, self._stands_in = None, True
        if token.stands_in and self._now() - token.since < YOUNG:
            detail = f"the provider does not accept the tokens of {self._host}"
            self._missed(Failure(pb.FAILURE_KIND_BAD_CREDENTIALS, detail))

    async def _renewed(self) -> Token:
        old, now = self._token, self._now()
        if old is not None and now < old.due:  # whoever held the lock has seen to it
            return old
        if now < self._not_before:
            return self._still(old) or self._raise_again(now)
        try:
            return await self._fetched(self._timeout if self._still(old) is None else min(WHILE_VALID, self._timeout))
        except Failure as failure:
            self._missed(failure)
            if (still := self._still(old)) is not None:
                return still
            raise

    def _still(self, old: Token | None) -> Token | None:
        """It, if it is the current one and valid."""
        return old if old is not None and old is self._token and self._now() < old.expires else None

    async def _fetched(self, seconds: float) -> Token:
        began = self._now()
        try:
            async with asyncio.timeout(seconds):
                granted = await self._fetch()
        except TimeoutError as error:
            detail = f"no token from {self._host} within {seconds:g} s"
            raise Failure(pb.FAILURE_KIND_UNREACHABLE, detail) from error
        self._told.learned(self._host, granted.token)
        due = began + renewed_after(granted.life, self._random)
        token = self._token = Token(granted.token, began, due, began + granted.life, self._stands_in)
        if not token.stands_in:  # else whether this one is of use is still to be seen
            self._worked()
        self._stands_in = False
        return token

    def _worked(self) -> None:
        self._backoff.worked()
        if self._missing is not None:
            self._missing = None
            self._told.fetched_again(self._host)

    def _missed(self, failure: Failure) -> None:
        self._not_before = self._now() + self._backoff.failed(failure.retry_after)
        if self._missing is None:
            self._told.not_fetched(self._host, failure)
        self._missing = Failure(failure.kind, failure.detail)

    def _raise_again(self, now: float) -> Token:
        assert self._missing is not None
        raise Failure(self._missing.kind, self._missing.detail, retry_after=self._not_before - now)
