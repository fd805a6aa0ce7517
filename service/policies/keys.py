"""Which of a provider's keys goes with the next request.

    usable ──rate limited──▶ set aside until its reset ──▶ usable, but last in turn
           ──refused───────▶ set aside for long ─────────▶ the same

- Usable keys take turns by weight, spread evenly (the smooth weighted round robin of nginx).
- A key that was refused or cannot pay is set aside altogether; one that is limited, has used up a quota or lacks a
  permission is so for the model alone, since vendors count and allow by model, and callers choose models.
- Nobody is ever without a key: if all are set aside, the one whose time ends first is asked all the same, so that a
  provider with one key works as if it had no ring. Not to ask at all is for a circuit to decide.
"""

from collections.abc import Callable, Sequence
from math import inf

from mainstay import v1 as pb
from service.chat.failures import Blame, Failure

LONG_SECONDS = 600.0
"""For a key that its provider refuses. People mend that, in their time."""
UNTOLD_SECONDS = 5.0
"""For a key that is limited, if nobody said until when."""
LEAST_SECONDS = 1.0
"""Whatever was said: else a call could go round and round."""
MOST_MODELS = 256
"""For which one key is remembered as set aside; callers choose names."""
_ALTOGETHER = frozenset({pb.FAILURE_KIND_BAD_CREDENTIALS, pb.FAILURE_KIND_BILLING})


class KeyRing:
    """The keys of one provider, by their position. `now` is the monotonic clock in seconds."""

    def __init__(self, weights: Sequence[int], now: Callable[[], float]) -> None:
        """`weights` are at least 1, and at least one."""
        self._keys = [_Key(weight) for weight in weights]
        self._total = sum(weights)
        self._now = now

    def __len__(self) -> int:
        return len(self._keys)

    def choose(self, model: str) -> int:
        """The key for the next request to the model."""
        return 0 if len(self._keys) == 1 else self.in_turn(self.usable(model))

    def usable(self, model: str) -> Sequence[int]:
        """Those for requests to the model; never none."""
        now = self._now()
        usable = [index for index, key in enumerate(self._keys) if key.until(model) <= now]
        return usable or [min(range(len(self._keys)), key=lambda index: self._keys[index].until(model))]

    def in_turn(self, usable: Sequence[int]) -> int:
        """The one of these whose turn it is."""
        keys = self._keys
        for index in usable:
            keys[index].turn += keys[index].weight
        chosen = max(usable, key=lambda index: (keys[index].turn, -keys[index].failed_at))
        keys[chosen].turn -= sum(keys[index].weight for index in usable)
        return chosen

    def back_in(self, model: str) -> float:
        """Seconds until a key is usable again that is not now; inf: there is none."""
        now = self._now()
        return min((until - now for key in self._keys if (until := key.until(model)) > now), default=inf)

    def set_aside(self, key: int, model: str, failure: Failure) -> float | None:
        """A request with the key failed so. For how many seconds it is set aside; None if it already was."""
        now, aside = self._now(), self._keys[key]
        seconds = _seconds(failure)
        is_news = aside.until(model) <= now
        aside.put(None if failure.kind in _ALTOGETHER else model, now + seconds, now)
        aside.turn = -float(self._total)
        aside.failed_at = now
        return seconds if is_news else None

    def has_another(self, model: str) -> bool:
        """Whether a key is usable now."""
        now = self._now()
        return any(key.until(model) <= now for key in self._keys)


class _Key:
    def __init__(self, weight: int) -> None:
        self.weight = weight
        self.turn = 0.0
        """Who has the most is next."""
        self.failed_at = -inf
        self._until = -inf
        self._models: dict[str, float] = {}

    def until(self, model: str) -> float:
        return max(self._until, self._models.get(model, -inf))

    def put(self, model: str | None, until: float, now: float) -> None:
        """Until then it is set aside; None: for every model. What was said to be longer stays so."""
        if model is None:
            self._until = max(self._until, until)
            return
        self._models[model] = max(self._models.pop(model, -inf), until)
        if len(self._models) > MOST_MODELS:
            self._models = {name: then for name, then in self._models.items() if then > now}
        if len(self._models) > MOST_MODELS:
            del self._models[min(self._models, key=lambda name: self._models[name])]


def _seconds(failure: Failure) -> float:
    if failure.verdict.blame is Blame.KEY_LONG:
        return max(LONG_SECONDS, failure.retry_after or 0.0)
    return max(LEAST_SECONDS, failure.retry_after or UNTOLD_SECONDS)
