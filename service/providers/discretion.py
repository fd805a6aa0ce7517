"""Keeps what we identify by out of whatever a provider says, wherever it goes from here."""

from collections.abc import Iterable

from service.chat.failures import Failure

MASK = "***"
LEAST = 4
"""Shorter ones are no credentials, and would turn up in words."""
PART = 8
"""Characters of a part that is worth hiding, if it is half of the credential, too: vendors quote the first few."""


class Discretion:
    """Knows the credentials that one provider gets from us, and takes them out of texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= LEAST}
        longest_first = sorted(known, key=len, reverse=True)  # one may hold another
        self._heads = [(_head(secret), secret) for secret in longest_first]
        self._beginnings = {secret[:LEAST] for secret in known}

    def text(self, said: str) -> str:
        """What was said, without credentials, and without beginnings that give away half of one."""
        for beginning in self._beginnings:
            if beginning in said:
                return self._masked(said)
        return said  # nearly always, and for every finish reason

    def _masked(self, said: str) -> str:
        for head, secret in self._heads:
            if head in said:
                said = _without(said, head, secret)
        for head, _ in self._heads:
            said = _without_its_end(said, head)
        return said

    def failure(self, failure: Failure) -> Failure:
        """The same failure, without credentials."""
        return Failure(
            failure.kind,
            self.text(failure.detail),
            retry_after=failure.retry_after,
            provider_request_id=self.text(failure.provider_request_id),
        )

    def __repr__(self) -> str:
        return f"Discretion({MASK})"


def _head(secret: str) -> str:
    return secret[: max(PART, -(-len(secret) // 2))]


def _without(said: str, head: str, secret: str) -> str:
    """Each time that the head is there, it goes with as much as follows of the rest, and what a vendor masked of it."""
    tail = secret[len(head) :]
    before, *parts = said.split(head)
    return before + "".join(MASK + part[_shared(part, tail) :].lstrip("*") for part in parts)


def _shared(one: str, other: str) -> int:
    """Characters with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))


def _without_its_end(said: str, head: str) -> str:
    """A text that was cut may end in the middle of a credential: there, less of it is enough."""
    end = said.removesuffix("…")
    for length in range(min(len(head), len(end)), LEAST - 1, -1):
        if end.endswith(head[:length]):
            return end[:-length] + MASK
    return said
