"""Where answers are kept for equal questions: the seam between the layer that caches and whatever stores."""

from typing import Protocol


class AnswerStore(Protocol):
    """Keeps bytes by key. It may forget any of them at any time, and never gives back one past its time."""

    async def get(self, key: bytes) -> bytes | None:
        """What was put there last, or None."""
        ...

    async def put(self, key: bytes, answer: bytes, ttl: float) -> None:
        """Keeps `answer` for at most `ttl` seconds, in place of what was there."""
        ...
