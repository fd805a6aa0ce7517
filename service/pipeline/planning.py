"""Who is not asked because the answer would come too late."""

from collections.abc import Callable

from service.chat.call import Call
from service.chat.target import Target
from service.pipeline.latencies import Latencies
from service.policies.planning import too_late


class Planning:
    """Compares the time that is left with how fast a target was lately."""

    def __init__(self, latencies: Latencies, now: Callable[[], float], random: Callable[[], float]) -> None:
        self._latencies = latencies
        self._now = now
        self._random = random

    def too_late(self, call: Call, target: Target) -> str | None:
        """Why it is better not to ask; None: it is not."""
        latency = self._latencies.of(target, streamed=call.asks_for_stream)
        return too_late(latency, call.deadline - self._now(), self._random)
