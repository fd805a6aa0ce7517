"""Keeps a credential out of whatever a provider says, wherever it goes from here."""

from service.chat.failures import Failure

MASK = "***"
LEAST = 4
"""Shorter ones are no credentials, and would turn up in words."""


class Discretion:
    """Knows one provider's credential, and takes it out of texts."""

    def __init__(self, secret: str) -> None:
        self._secret = secret if len(secret) >= LEAST else ""

    def text(self, said: str) -> str:
        """What was said, without the credential."""
        return self._without_its_beginning(said.replace(self._secret, MASK)) if self._secret else said

    def _without_its_beginning(self, said: str) -> str:
        """A text that was cut may end in the middle of the credential."""
        end = said.removesuffix("…")
        for length in range(min(len(self._secret), len(end)), LEAST - 1, -1):
            if end.endswith(self._secret[:length]):
                return end[:-length] + MASK
        return said

    def failure(self, failure: Failure) -> Failure:
        """The same failure, without the credential."""
        return Failure(
            failure.kind,
            self.text(failure.detail),
            retry_after=failure.retry_after,
            provider_request_id=self.text(failure.provider_request_id),
        )

    def __repr__(self) -> str:
        return f"Discretion({MASK})"
