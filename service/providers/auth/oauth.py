"""Identifies by the current token of a client."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.chat.target import Target
from service.providers.auth.credentials import Credential
from service.providers.auth.scheme import carried
from service.providers.auth.tokens import Tokens


class OAuth:
    """Implements `Credentials`."""

    def __init__(self, tokens: Tokens, auth: str, secrets: tuple[str, ...]) -> None:
        """`auth` says how a token travels; `secrets` are the client's own."""
        self._tokens = tokens
        self._auth = auth
        self._own = secrets
        self._latest = Credential()
        self._texts: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """The client's, and the latest two tokens."""
        return self._own + self._texts

    async def take(self, target: Target, key: int | None = None) -> Credential:
        """See `Credentials.take`."""
        token = await self._tokens.current()
        if token is not self._latest.of:
            self._latest = Credential(carried(self._auth, token.text), token)
            self._texts = (*self._texts[-1:], token.text)
        return self._latest

    def failed(self, credential: Credential, target: Target, failure: Failure) -> bool:
        """See `Credentials.failed`: only a token that is not accepted is exchanged."""
        return failure.kind == pb.FAILURE_KIND_BAD_CREDENTIALS and self._tokens.refused(credential.of)
