"""How often the same thing is said: the pure decision.

first of its kind ──▶ said, a window opens ──┬─ fewer than `most` so far ──▶ said
                                             └─ else ─────────────────────▶ held back, and counted
"""

from collections.abc import Callable
from dataclasses import dataclass

Kind = tuple[object, ...]
"""What makes two things the same; its first two parts are its rough kind."""
ROUGH = 2


@dataclass(slots=True)
class _Window:
    ends: float
    said: int = 1
    held: int = 0


class Repeats:
    """Counts by kind, in windows that open with the first of a kind.

    May be asked from several threads: at worst a count is then off by one.
    """

    def __init__(self, now: Callable[[], float], *, most: int = 10, seconds: float = 10.0, kinds: int = 1000) -> None:
        """At most `most` in `seconds`. Beyond `kinds` at a time they are told apart roughly: callers invent some."""
        self._now = now
        self._most = most
        self._seconds = seconds
        self._kinds = kinds
        self._windows: dict[Kind, _Window] = {}
        self._over: list[tuple[Kind, int]] = []

    def admits(self, kind: Kind) -> bool:
        """Whether to say it now; what is not said is counted."""
        now = self._now()
        window = self._windows.get(kind)
        if window is None or window.ends <= now:
            return self._opens(kind, window, now)
        if window.said < self._most:
            window.said += 1
            return True
        window.held += 1
        return False

    def over(self) -> list[tuple[Kind, int]]:
        """Of the windows that are over: what was held back, and how often. Told once, then forgotten."""
        return self._take(self._now())

    def rest(self) -> list[tuple[Kind, int]]:
        """As `over`, of all windows: nothing more will come."""
        return self._take(float("inf"))

    def _opens(self, kind: Kind, before: _Window | None, now: float) -> bool:
        if before is None and len(self._windows) >= self._kinds and len(kind) > ROUGH:
            return self.admits(kind[:ROUGH])
        if before is not None and before.held:
            self._over.append((kind, before.held))
        self._windows[kind] = _Window(now + self._seconds)
        return True

    def _take(self, until: float) -> list[tuple[Kind, int]]:
        for kind, window in list(self._windows.items()):
            if window.ends <= until:
                del self._windows[kind]
                if window.held:
                    self._over.append((kind, window.held))
        taken, self._over = self._over, []
        return taken
