"""When a token is renewed, and when a server that gave none is asked again. Pure; times in seconds."""

from collections.abc import Callable

LAST_MINUTE = 60.0
LAST_SHARE = 0.1
AT_MOST_OF_LIFE = 0.5
JITTER = 0.2
"""Of the margin: replicas that began together should not renew together, as some servers then void each other's."""

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0


def renewed_after(life: float, random: Callable[[], float]) -> float:
    """The age at which a token is renewed, in its last minute or tenth, whichever is more; never before its prime."""
    margin = min(max(LAST_MINUTE, LAST_SHARE * life), AT_MOST_OF_LIFE * life)
    return life - margin * (1 + JITTER * random())


class Backoff:
    """Waits longer after each failure in a row; half of it is chance, so that replicas come back apart."""

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0

    def failed(self, asked: float | None = None) -> float:
        """How long to wait; at least as long as was `asked` for, within reason."""
        ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._failures, 16))
        self._failures += 1
        return max(ceiling * (0.5 + 0.5 * self._random()), min(asked or 0.0, LONGEST_WAIT))

    def worked(self) -> None:
        """It is over."""
        self._failures = 0
