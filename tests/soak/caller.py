"""Those who call: each with a connection of its own, one call after the other, and what each of them saw."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

import grpc.aio

from mainstay import assistant, user
from mainstay import v1 as pb
from mainstay.fold import Fold
from mainstay.messages import text_of
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from tests.soak.answers import TEXT
from tests.soak.kinds import AT_THE_CALLER, CANCELLED, RULE, Kind
from tests.soak.pace import Pace

if TYPE_CHECKING:
    from mainstay.v1.chat_pb2_grpc import ChatServiceAsyncStub

CONNECTIONS = 16
PER_CONNECTION = 500
"""Calls after which a connection is given up for another."""
_OPTIONS = (
    ("grpc.enable_retries", 0),  # one call is one line in the log
    ("grpc.use_local_subchannel_pool", 1),  # else all would share one connection
)

Seen = Counter[tuple[str, str]]
"""Calls by kind, and by status or, if they went well, source."""


class Callers:
    """Makes calls, so many at once, until there are none left."""

    def __init__(self, address: str, at_once: int) -> None:
        self._address = address
        self._on_each = at_once // CONNECTIONS
        self.pace = Pace()
        self.seen = Seen()
        self.done = 0

    async def make(self, calls: Iterator[Kind]) -> None:
        """All of them."""
        numbered = enumerate(calls, self.done)
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(self._connect(numbered))

    async def _connect(self, numbered: Iterator[tuple[int, Kind]]) -> None:
        for first in numbered:
            left = chain([first], islice(numbered, PER_CONNECTION - 1))
            async with grpc.aio.insecure_channel(self._address, options=_OPTIONS) as channel:
                stub: ChatServiceAsyncStub = ChatServiceStub(channel)
                async with asyncio.TaskGroup() as group:
                    for _ in range(self._on_each):
                        group.create_task(self._call(stub, left))

    async def _call(self, stub: "ChatServiceAsyncStub", calls: Iterator[tuple[int, Kind]]) -> None:
        for number, kind in calls:
            await self.pace.turn()
            self.seen[kind.name, await _outcome(stub, kind, number)] += 1
            self.done += 1


async def _outcome(stub: "ChatServiceAsyncStub", kind: Kind, number: int) -> str:
    """Source of the answer, status of the failure, or what is wrong with either."""
    try:
        if kind.streamed:
            return await _stream(stub, kind, _request(kind, number))
        return _ended(await stub.Chat(_request(kind, number), timeout=kind.deadline, metadata=_metadata(kind)))
    except grpc.aio.AioRpcError as error:
        return error.code().name if told_by_the_service(error) else AT_THE_CALLER
    except asyncio.CancelledError:
        if asyncio.current_task().cancelling():  # type: ignore[union-attr]  # there is one
            raise
        return CANCELLED  # grpc raises it for a call that was cancelled, too


def _request(kind: Kind, number: int) -> pb.ChatRequest:
    breaks = f", break {number}" if kind.breaks else ""
    messages = [user(f"question {skewed(number, kind.questions)}{breaks}")]
    if kind.begun:
        messages.append(assistant(kind.begun))
    return pb.ChatRequest(model=kind.route, messages=messages, policy=kind.policy)


async def _stream(stub: "ChatServiceAsyncStub", kind: Kind, request: pb.ChatRequest) -> str:
    call = stub.ChatStream(request, timeout=kind.deadline, metadata=_metadata(kind))
    fold = Fold()
    async for event in call:
        fold.add(event)
        if kind.leaves and event.HasField("text_delta"):
            call.cancel()
    return _ended(fold.response) if fold.response else "ended without completed"


def told_by_the_service(error: grpc.aio.AioRpcError) -> bool:
    """Whether a failure came over the wire: a deadline can pass on this side, too."""
    told = any(name == "mainstay-version" for name, _ in error.trailing_metadata() or ())
    return told or error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED


def skewed(number: int, questions: int) -> int:
    """One of so many questions: as good as random, a few of them often and most of them seldom."""
    uniform = number * 2_654_435_761 % 2**32 / 2**32
    return int(uniform**3 * questions)


def _ended(answer: pb.ChatResponse) -> str:
    source = pb.Source.Name(answer.source).removeprefix("SOURCE_")
    return source if text_of(answer) == TEXT or source == RULE else f"{source}, not whole"


def _metadata(kind: Kind) -> tuple[tuple[str, str], ...]:
    return (("mainstay-caller", kind.name),)
