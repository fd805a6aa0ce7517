"""A reply on its way to the caller, folded as it passes, and kept when it is complete."""

from collections.abc import Awaitable, Callable

from mainstay import v1 as pb
from service.chat.fold import Fold
from service.chat.reply import Reply
from service.chat.target import Target
from service.pipeline.kept import without_the_call

Keep = Callable[[pb.ChatResponse], Awaitable[None]]
"""Is given a completed answer and where it came from."""


class Keeping:
    """Never whole, even over a reply that is: its last event waits for the store."""

    def __init__(self, reply: Reply, keep: Keep) -> None:
        self._reply = reply
        self._keep = keep
        self._fold = Fold()
        self._speakers: set[Target] = set()
        """Whose words are in the fold."""

    async def __anext__(self) -> pb.ChatEvent:
        event = await self._reply.__anext__()
        self._hear(event)
        if event.HasField("completed") and len(self._speakers) == 1:
            origin = self._speakers.pop()
            answer = without_the_call(event.completed)
            self._fold.write(answer.message)
            answer.provenance.provider = origin.provider
            answer.provenance.model = origin.model
            await self._keep(answer)
        return event

    async def aclose(self) -> None:
        await self._reply.aclose()

    def _hear(self, event: pb.ChatEvent) -> None:
        match event.WhichOneof("event"):
            case "started":
                self._speakers.add(Target(event.started.provider, event.started.model))
            case "attempt_reset":
                reset = event.attempt_reset
                if reset.mode == pb.RESET_MODE_DISCARD:
                    self._speakers.clear()
                self._speakers.add(Target(reset.provider, reset.model))
            case _:
                pass
        self._fold.add(event)
