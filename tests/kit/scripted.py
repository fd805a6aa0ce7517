"""A provider that plays a script: the only test double below the pipeline. It is strict.

Each request takes the next take; a request more than there are takes, a read after the end, a take that nobody asked
for or a reply that nobody closed fails the test.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Reply

Step = Callable[[], Coroutine[None, None, pb.ChatEvent | None]]


@dataclass(frozen=True, slots=True)
class Take:
    """What becomes of one request: how the provider opens, and what it says then."""

    steps: tuple[Step, ...]
    opens_after: float = 0.0
    refusal: Failure | None = None


def refuses(kind: pb.FailureKind.ValueType, *, after: float = 0.0, retry_after: float | None = None) -> Take:
    """Fails before it says anything."""
    return Take((), after, Failure(kind, "as the script says", retry_after=retry_after))


def answers(*steps: Step | str, opens_after: float = 0.0) -> Take:
    """Says the texts and does the other steps in order; ends well unless the last step does otherwise."""
    last = [] if steps and getattr(steps[-1], "final", False) else [completes()]
    return Take(tuple(says(step) if isinstance(step, str) else step for step in [*steps, *last]), opens_after)


def says(text: str) -> Step:
    """One text delta."""
    return _event(lambda: pb.ChatEvent(text_delta=pb.TextDelta(part=0, text=text)))


def thinks(text: str) -> Step:
    """One reasoning delta."""
    return _event(lambda: pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=0, text=text)))


def counts(output_tokens: int) -> Step:
    """A usage event: no delta."""
    return _event(lambda: pb.ChatEvent(usage=pb.Usage(output_tokens=output_tokens)))


def completes(finish: pb.FinishReason.ValueType = pb.FINISH_REASON_STOP) -> Step:
    """The good end."""
    usage = pb.Usage(input_tokens=3, output_tokens=5)
    return _final(_event(lambda: pb.ChatEvent(completed=pb.ChatResponse(finish_reason=finish, usage=usage))))


def breaks(kind: pb.FailureKind.ValueType = pb.FAILURE_KIND_CUT_OFF) -> Step:
    """Fails in the middle."""

    async def step() -> pb.ChatEvent | None:
        raise Failure(kind, "as the script says")

    return _final(step)


def runs_dry() -> Step:
    """Just ends, without a word: a fault of whoever wrote the protocol."""

    async def step() -> pb.ChatEvent | None:
        raise StopAsyncIteration

    return _final(step)


def pauses(seconds: float) -> Step:
    """Says nothing for a while."""

    async def step() -> None:
        await asyncio.sleep(seconds)

    return step


def hangs() -> Step:
    """Says nothing for ever."""

    async def step() -> None:
        await asyncio.sleep(1e9)

    return _final(step)


class ScriptedProvider:
    """A leaf that plays its takes, one per request."""

    def __init__(self, *takes: Take) -> None:
        self._takes = deque(takes)
        self._open: list[_Playing] = []
        self.calls: list[Call] = []
        """Every request, as it arrived."""

    async def __call__(self, call: Call) -> Reply:
        """The reply of the next take."""
        assert self._takes, f"request {len(self.calls) + 1}: the script has only {len(self.calls)} takes"
        self.calls.append(call)
        take = self._takes.popleft()
        if take.opens_after:
            await asyncio.sleep(take.opens_after)
        if take.refusal is not None:
            raise take.refusal
        playing = _Playing(
            take, pb.Started(source=pb.SOURCE_MODEL, provider=call.target.provider, model=call.target.model)
        )
        self._open.append(playing)
        return Reply(playing)

    def assert_done(self) -> None:
        """Every take was asked for and every reply was read to its end or closed."""
        assert not self._takes, f"{len(self._takes)} takes were never asked for"
        assert all(playing.closed for playing in self._open), "a reply was left open"


class _Playing:
    def __init__(self, take: Take, started: pb.Started) -> None:
        self._steps = deque([_event(lambda: pb.ChatEvent(started=started)), *take.steps])
        self.closed = False

    async def __anext__(self) -> pb.ChatEvent:
        assert not self.closed, "read after close"
        while self._steps:
            event = await self._steps.popleft()()
            if event is not None:
                return event
        raise AssertionError("read after the script's end")

    async def aclose(self) -> None:
        assert not self.closed, "closed twice"
        self.closed = True


def _event(make: Callable[[], pb.ChatEvent]) -> Step:
    async def step() -> pb.ChatEvent:
        return make()

    return step


def _final(step: Step) -> Step:
    step.final = True  # type: ignore[attr-defined]  # a mark on a function of ours
    return step
