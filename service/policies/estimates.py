"""How many tokens questions have, by the estimate and by how far it was off lately for the same target."""

from mainstay import v1 as pb
from service.chat.target import Target
from service.policies import tokens
from service.policies.per_target import MOST, PerTarget

LEAST_RATIO, MOST_RATIO = 0.5, 2.0
"""No vocabulary is further from the one that the weights fit; what else a provider counts is not the question."""
LEAST_BYTES, MOST_BYTES = 1_024, 65_536
"""Of questions to learn from. In shorter ones what a provider adds of its own weighs more than what was asked."""
FIRST = 4
"""So many questions of a target are learnt from at first, then one in EVERY: an estimate takes up to a millisecond."""
EVERY = 128
LATEST = 0.2
"""What the latest question counts for; those before, the rest."""


class Ratio:
    """What a target's provider counts for each estimated token: a running average, 1 until something is known."""

    def __init__(self) -> None:
        self.value = 1.0
        self._learnt = 0
        self._met = 0

    def meets(self) -> bool:
        """Takes note of a question, and tells whether to learn from it."""
        self._met += 1
        return self._met <= FIRST or self._met % EVERY == 0

    def learn(self, ratio: float) -> None:
        """The first ones count as much as each other, and as the 1 that was assumed before."""
        self._learnt += 1
        weight = max(LATEST, 1 / (self._learnt + 1))
        self.value += weight * (_bounded(ratio) - self.value)


class Estimates:
    """Estimates for all targets, and what was learnt of each. Of very many the least recently used is forgotten."""

    def __init__(self, most: int = MOST) -> None:
        self._ratios = PerTarget(lambda target: Ratio(), most)

    def of_request(self, request: pb.ChatRequest, target: Target) -> int | None:
        """Tokens of a whole question. None: it holds pictures or files, which cannot be guessed."""
        guess = tokens.of_request(request, tokens.weights_of(target.model))
        return None if guess is None else self.corrected(guess, target)

    def at_least(self, request: pb.ChatRequest, target: Target) -> int:
        """Tokens of a question's texts."""
        return self.corrected(tokens.at_least(request, tokens.weights_of(target.model)), target)

    def meets(self, request: pb.ChatRequest, target: Target) -> bool:
        """Takes note of a question that was counted, and tells whether to learn from it."""
        return LEAST_BYTES <= request.ByteSize() <= MOST_BYTES and self._ratios[target].meets()

    def learn(self, request: pb.ChatRequest, target: Target, counted: int) -> None:
        """Compares the estimate with what the target's provider has counted. Takes up to a millisecond."""
        guess = tokens.of_request(request, tokens.weights_of(target.model))
        if guess:
            self._ratios[target].learn(counted / guess)

    def corrected(self, guess: int, target: Target) -> int:
        """An estimate, by what was learnt of the target."""
        return round(guess * self._ratios[target].value)


def _bounded(ratio: float) -> float:
    return min(max(ratio, LEAST_RATIO), MOST_RATIO)
