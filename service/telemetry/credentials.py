"""What operators should know of keys and tokens, as log lines. Never the keys and tokens themselves."""

from collections.abc import Callable

import structlog

from service.chat.failures import Failure
from service.chat.target import Target

log = structlog.get_logger()


def _forget(whose: str, credential: str) -> None:
    """Nobody has to know it."""


class CredentialLog:
    """Is told by providers; `learn` is told tokens, and whose they are, so that they never come out."""

    def __init__(self, learn: Callable[[str, str], None] = _forget) -> None:
        self._learn = learn

    def set_aside(self, key: str, target: Target, failure: Failure, seconds: float) -> None:
        """A key will not be used for a long time."""
        log.warning("key set aside", target=str(target), key=key, reason=failure.reason, seconds=seconds)

    def not_fetched(self, host: str, failure: Failure) -> None:
        """There is no new token."""
        log.warning("no new token", host=host, reason=failure.reason, why=failure.detail)

    def fetched_again(self, host: str) -> None:
        """There is one again."""
        log.info("tokens come again", host=host)

    def learned(self, host: str, token: str) -> None:
        """A token was fetched."""
        self._learn(host, token)
