"""Whom of its candidates a call is sent to: not to those that are known to lack what it needs."""

from collections.abc import Sequence

from mainstay import v1 as pb
from service.chat.capabilities import Ability
from service.chat.failures import Failure
from service.chat.target import Candidate
from service.policies.estimates import MOST_RATIO, Estimates
from service.policies.needs import LACKS, WISHES, needed

MARGIN = 1.25
"""An estimate is trusted that far: whoever is nearer to its window decides on its own."""
DENSEST = 1.1
"""Tokens that a byte of a question can be estimated to be at most: a digit is one, for Qwen."""

_NOTHING: frozenset[Ability] = frozenset()


class Admission:
    """For one call. What nobody lacks is not looked for, and a question is estimated only if it may be too long."""

    def __init__(self, request: pb.ChatRequest, candidates: Sequence[Candidate], estimates: Estimates) -> None:
        self._request = request
        self._estimates = estimates
        lacked = _NOTHING
        for candidate in candidates:
            if candidate.lacks:
                lacked |= candidate.lacks
        needs = needed(request, lacked) if lacked else _NOTHING
        self._needs = needs - WISHES
        self.order: Sequence[Candidate] = candidates
        """Those who can answer as asked come before those who cannot quite."""
        self.put_off: Sequence[Candidate] = ()
        """Whoever therefore stands behind somebody whom he stood before."""
        if wishes := needs & WISHES:
            self._put_off(wishes)
        self._size: int | None = None

    def objection(self, candidate: Candidate) -> Failure | None:
        """Why the call is not sent there, UNSUPPORTED or CONTEXT_TOO_LONG. None: it is."""
        if lack := candidate.lacks & self._needs:
            return _lacking(candidate, lack)
        if candidate.context_tokens is not None and self._may_be_too_long_for(candidate.context_tokens):
            return self._too_long(candidate, candidate.context_tokens)
        return None

    def admitted(self, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
        """Those to whom it could be sent."""
        return [candidate for candidate in candidates if self.objection(candidate) is None]

    def why_put_off(self, candidate: Candidate) -> Failure:
        """UNSUPPORTED."""
        return _lacking(candidate, candidate.lacks & WISHES)

    def _put_off(self, wishes: frozenset[Ability]) -> None:
        able = [candidate for candidate in self.order if not candidate.lacks & wishes]
        unable = [candidate for candidate in self.order if candidate.lacks & wishes]
        if able:
            last = self.order.index(able[-1])
            self.put_off = [candidate for candidate in self.order[:last] if candidate.lacks & wishes]
            self.order = [*able, *unable]

    def _may_be_too_long_for(self, window: int) -> bool:
        if self._size is None:
            self._size = self._request.ByteSize()
        return self._size * DENSEST * MOST_RATIO > window * MARGIN

    def _too_long(self, candidate: Candidate, window: int) -> Failure | None:
        tokens = self._estimates.at_least(self._request, candidate.target)
        if tokens <= window * MARGIN:
            return None
        why = f"messages: about {tokens:,} tokens; the window of {candidate.target} holds {window:,}"
        return Failure(pb.FAILURE_KIND_CONTEXT_TOO_LONG, why)


def _lacking(candidate: Candidate, lack: frozenset[Ability]) -> Failure:
    first = next(ability for ability in Ability if ability in lack)
    return Failure(pb.FAILURE_KIND_UNSUPPORTED, LACKS[first].format(candidate.target))
