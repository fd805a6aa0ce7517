"""Who we are in one request: what it carries, what stays out of whatever comes back, whom to tell if it fails."""

from dataclasses import dataclass, field

from service.chat.failures import Failure
from service.chat.target import Target
from service.providers.auth.credentials import Credential, Credentials
from service.providers.discretion import Discretion


@dataclass(frozen=True, slots=True)
class Identified:
    """Made for one request, and good as long as its answer is read."""

    credential: Credential
    target: Target
    discretion: Discretion
    _of: Credentials = field(repr=False)

    def judged(self, failure: Failure) -> Failure:
        """The same failure, discreet, with what it means for the credential: whether another one may do."""
        told = self.discretion.failure(failure)
        told.another_key = self._of.failed(self.credential, self.target, failure)
        return told


class Identity:
    """All that one provider knows us by; it makes those of single requests."""

    def __init__(self, credentials: Credentials, secrets: tuple[str, ...]) -> None:
        """`secrets` are those beside the credentials'."""
        self._credentials = credentials
        self._always = secrets
        self._known: tuple[str, ...] = ()
        self._discretion = Discretion(secrets)

    async def for_request(self, target: Target, key: int | None = None) -> Identified:
        """To ask that target, with that key if there are several. Raises Failure if there is no credential."""
        try:
            credential = await self._credentials.take(target, key)
        except Failure as failure:
            raise self._discreet().failure(failure) from failure.__cause__
        return Identified(credential, target, self._discreet(), self._credentials)

    def _discreet(self) -> Discretion:
        """Made anew when there are other secrets than before."""
        known = self._credentials.secrets
        if known != self._known:
            self._known, self._discretion = known, Discretion((*self._always, *known))
        return self._discretion
