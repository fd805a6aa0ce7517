"""Fixtures for all tests, and guards: a test that leaves something open or changes a request fails."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.horizon import Horizon
from service.chat.target import Candidate, Target
from tests.kit.facts import Facts
from tests.kit.openness import Openness
from tests.kit.spans import SpanBook
from tests.kit.virtual_time import VirtualTimeLoop

PRIMARY = Target("primary", "m1")


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """Puts the guard around every coroutine test, outside its other fixtures."""
    if (
        isinstance(collector, pytest.Module)
        and collector.istestfunction(obj, name)
        and inspect.iscoroutinefunction(obj)
    ):
        pytest.mark.usefixtures("nothing_left_open")(obj)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Virtual time, unless a folder's own conftest says otherwise."""
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@pytest.fixture
async def nothing_left_open(anyio_backend: object) -> AsyncIterator[None]:
    """Fails a test that leaves a task or a socket open, or drops a reply unclosed."""
    openness = Openness()
    yield
    await openness.assert_nothing_new()


@pytest.fixture
def spans() -> Iterator[SpanBook]:
    """A tracer that records; fails a test that leaves a span open."""
    book = SpanBook()
    yield book
    assert book.open == 0, f"{book.open} spans were left open"


@pytest.fixture
def a_call(spans: SpanBook) -> Iterator[Callable[..., Call]]:
    """Makes calls; fails a test in which a request was changed on its way."""
    made: list[tuple[pb.ChatRequest, bytes]] = []

    def make(*, seconds: float = 60.0, text: str = "hello", **fields: Any) -> Call:
        request = pb.ChatRequest(model="fast", messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text=text)])])
        candidates = fields.pop("candidates", [Candidate(target=PRIMARY)])
        defaults = {
            "id": "call_1",
            "request": request,
            "caller": "test",
            "streamed": False,
            "route": "fast",
            "arrived": 0.0,
            "horizon": Horizon(seconds),
            "candidates": candidates,
            "target": candidates[0].target,
            "span": spans.root,
        }
        call = Call(**{**defaults, **fields})
        made.append((call.request, call.request.SerializeToString(deterministic=True)))
        return call

    yield make
    for request, before in made:
        assert request.SerializeToString(deterministic=True) == before, "a request was changed on its way"


@pytest.fixture
def now() -> Callable[[], float]:
    """The test's clock."""
    return lambda: asyncio.get_running_loop().time()


@pytest.fixture
def facts() -> Facts:
    """What layers reported in the test."""
    return Facts()
