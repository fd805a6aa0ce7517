"""However callers of one question come, read, dawdle and leave, and however its answer ends: one request for them."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.horizon import Horizon
from service.chat.ledger import Ledger
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.single_flight import SingleFlight
from service.pipeline.layers.time_limit import TimeLimit
from service.pipeline.stack import stack
from tests.kit.facts import Facts
from tests.kit.openness import Openness
from tests.kit.scripted import ScriptedProvider, Step, answers, breaks, pauses, says
from tests.kit.virtual_time import VirtualTimeLoop

TARGET = Target("p", "m")
SECONDS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 5.0])


@dataclass(frozen=True)
class Script:
    """What the provider does with each request: after `opens`, one event after each pause."""

    opens: float
    pauses: Sequence[float]
    breaks: bool

    def play(self, request: int) -> ScriptedProvider:
        steps: list[Step] = []
        for number, seconds in enumerate(self.pauses):
            steps += [pauses(seconds), says(f"{request}.{number} ")]
        return ScriptedProvider(answers(*steps, *([breaks()] if self.breaks else []), opens_after=self.opens))

    def says(self, request: int) -> list[str]:
        return [f"{request}.{number} " for number in range(len(self.pauses))]


@dataclass(frozen=True)
class Visitor:
    """A caller: comes, reads with a pause before each event, and leaves after `stays` or when its time is up."""

    comes: float
    pause: float
    stays: float | None
    limit: float


SCRIPTS = st.builds(Script, opens=SECONDS, pauses=st.lists(SECONDS, min_size=1, max_size=4), breaks=st.booleans())
VISITORS = st.builds(
    Visitor,
    comes=SECONDS,
    pause=st.sampled_from([0.0, 0.0, 0.3, 3.0]),
    stays=st.sampled_from([None, None, 0.0, 0.2, 1.0, 3.0, 7.0]),
    limit=st.sampled_from([1.0, 4.0, 60.0]),
)


class Scene:
    """One question, asked by many."""

    def __init__(self, script: Script, *, streamed: bool) -> None:
        self._script = script
        self._streamed = streamed
        self.open = 0
        self.requests = 0
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self._handler: Handler = stack(
            TimeLimit(now=loop.time), SingleFlight(observe=Facts().observe), Commit(), leaf=self._leaf
        )

    async def _leaf(self, call: Call) -> Reply:
        number, self.requests = self.requests, self.requests + 1
        self.open += 1
        try:
            await asyncio.sleep(0.001)  # the one before, whose last caller has just left, is over by now
            assert self.open == 1, "two requests at a time for one question"
            reply = await self._script.play(number)(call)
        except BaseException:
            self.open -= 1
            raise

        def ended(_: object) -> None:
            self.open -= 1

        reply.watch(ended)
        return reply

    async def visit(self, visitor: Visitor) -> None:
        await asyncio.sleep(visitor.comes)
        caller = asyncio.create_task(self._read(visitor))
        if visitor.stays is not None:
            await asyncio.wait([caller], timeout=visitor.stays)
            caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        if not caller.cancelled():
            caller.result()

    async def _read(self, visitor: Visitor) -> None:
        heard: list[str] = []
        began = self._now()
        try:
            async with aclosing(await self._handler(self._call(visitor))) as reply:
                async for event in reply:
                    if event.HasField("text_delta"):
                        heard.append(event.text_delta.text)
                    event.text_delta.text = "scribbled"
                    await asyncio.sleep(visitor.pause)
        except Failure as failure:
            self._check_failure(failure, heard, self._now() - began, visitor)
        else:
            assert not self._script.breaks
            assert heard == self._said(heard)

    def _check_failure(self, failure: Failure, heard: list[str], took: float, visitor: Visitor) -> None:
        said = self._said(heard) if heard else []
        assert heard == said[: len(heard)]
        if failure.kind == pb.FAILURE_KIND_OUT_OF_TIME:
            assert visitor.limit * 0.9 <= took <= visitor.limit + visitor.pause
        else:
            assert failure.kind == pb.FAILURE_KIND_CUT_OFF
            assert self._script.breaks
            assert not self._streamed or heard == said

    def _said(self, heard: list[str]) -> list[str]:
        """All that the request says whose answer this is."""
        return self._script.says(int(heard[0].partition(".")[0]))

    def _call(self, visitor: Visitor) -> Call:
        now = self._now()
        return Call(
            id="call",
            request=pb.ChatRequest(model="fast"),
            caller="test",
            streamed=self._streamed,
            arrived=now,
            horizon=Horizon(now + visitor.limit),
            candidates=[Candidate(target=TARGET)],
            target=TARGET,
            question=b"q",
            ledger=Ledger(),
        )


@settings(max_examples=400, deadline=None)
@given(SCRIPTS, st.lists(VISITORS, min_size=1, max_size=6), st.booleans())
def test_one_request_at_a_time_and_each_who_stays_hears_all_of_it(
    script: Script, visitors: list[Visitor], streamed: bool
) -> None:
    async def play() -> None:
        openness = Openness()
        scene = Scene(script, streamed=streamed)
        async with asyncio.TaskGroup() as group:
            for visitor in visitors:
                group.create_task(scene.visit(visitor))
        assert 1 <= scene.requests <= len(visitors)
        assert scene.open == 0
        await openness.assert_nothing_new()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(play())


@settings(max_examples=50, deadline=None)
@given(SCRIPTS, st.lists(VISITORS, min_size=2, max_size=6), st.booleans())
def test_callers_who_come_at_once_and_stay_make_one_request(
    script: Script, visitors: list[Visitor], streamed: bool
) -> None:
    async def play() -> int:
        scene = Scene(script, streamed=streamed)
        at_once = [replace(visitor, comes=0.0, stays=None, limit=60.0) for visitor in visitors]
        await asyncio.gather(*map(scene.visit, at_once))
        return scene.requests

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        assert runner.run(play()) == 1
