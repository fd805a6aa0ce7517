"""Plays recordings through a real service to a real client, many at a time."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from service.config import Settings
from service.providers.catalog import row
from tests.conformance.compare import Comparison, Difference, Reading, compared
from tests.conformance.recorded import BUILT, Recorded, Unreadable, read
from tests.conformance.replay import replaying
from tests.conformance.told import Told, failed_with, told_by
from tests.kit.service import serving

AT_A_TIME = 32
SECONDS = 60.0
"""For one call; a recording has nothing to wait for."""
ONCE = pb.CallPolicy(max_attempts=1, allow_degraded=False)
ALONE = {"circuit": {"enabled": False}, "limits": {"from_headers": False}}
"""What one recording says of the provider's state is nothing to the next."""


@dataclass(slots=True)
class Result:
    """What became of one file. It passes if every way of asking for it comes out right."""

    id: str
    provider: str
    differences: list[tuple[str, Difference]] = field(default_factory=list)
    """Each with the way of asking."""
    granted: set[Reading] = field(default_factory=set)

    @property
    def passed(self) -> bool:
        return not self.differences


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that does not count: its protocol is not built, or it is no real traffic."""

    why: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A client of a service whose providers take their answers from the shelf."""

    client: ChatClient
    shelf: dict[str, Recorded]
    """By the question that asks for each: its path, because ids need not be unique."""


async def play(paths: Iterable[Path], seen: Callable[[Result | LeftOut], None]) -> None:
    """Tells `seen` what became of each file, in no particular order. A file is held only while its turn lasts."""
    paths = list(paths)
    async with _staged(paths) as stage, asyncio.TaskGroup() as group:
        waiting = iter(paths)
        for _ in range(AT_A_TIME):
            group.create_task(_work(stage, waiting, seen))


@asynccontextmanager
async def _staged(paths: Iterable[Path]) -> AsyncIterator[Stage]:
    shelf: dict[str, Recorded] = {}
    async with (
        replaying(shelf) as url,
        serving(_settings(url, _known(paths))) as address,
        ChatClient(address, timeout=SECONDS) as client,
    ):
        yield Stage(client, shelf)


def _known(paths: Iterable[Path]) -> list[Recorded]:
    """Those that can be played."""
    recordings = (read(path) for path in paths)
    return [recorded for recorded in recordings if isinstance(recorded, Recorded) and recorded.protocol in BUILT]


def _settings(url: str, known: Iterable[Recorded]) -> Settings:
    """Every provider under the name of its row in the catalog, which then holds, and two routes to it."""
    return Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s"},
            "providers": {
                _name(recorded): {"protocol": recorded.protocol, "base_url": url, "auth": "none", **ALONE}
                for recorded in known
            },
            "routes": {
                (route := _route(recorded, upstream)): {"targets": [f"{_name(recorded)}/{route}"], "upstream": upstream}
                for recorded in known
                for upstream in ("whole", "stream")
            },
        }
    )


def _route(recorded: Recorded, upstream: str) -> str:
    """A 429 keeps others away for as long as it says: it has a route, and a model, of its own."""
    if recorded.status == HTTPStatus.TOO_MANY_REQUESTS:
        return f"{upstream}-limited-{sha256(recorded.id.encode()).hexdigest()[:12]}"
    return f"{upstream}-{_name(recorded)}"


def _name(recorded: Recorded) -> str:
    """The provider's name as a name of ours; with its protocol where that is not the one of its row."""
    name = re.sub(r"[^a-z0-9_-]", "-", f"{recorded.provider:.40}".lower()).lstrip("-_0123456789") or "nobody"
    return name if row(name).protocol == recorded.protocol else f"{name}-{recorded.protocol}"


async def _work(stage: Stage, waiting: Iterator[Path], seen: Callable[[Result | LeftOut], None]) -> None:
    for path in waiting:
        match read(path):
            case Unreadable(id, why):
                seen(Result(id, "(unreadable)", [("read", Difference("file", "a recording", why))]))
            case Recorded(protocol=protocol) if protocol not in BUILT:
                seen(LeftOut(f"protocol {protocol} is not built"))
            case Recorded(suspect=True):
                seen(LeftOut("suspect"))
            case recorded:
                seen(await _played(stage, recorded, str(path)))


async def _played(stage: Stage, recorded: Recorded, question: str) -> Result:
    result = Result(recorded.id, _name(recorded))
    stage.shelf[question] = recorded
    for way in ("stream", "unary from stream") if recorded.streamed else ("unary",):
        told = await _told(
            stage.client, question, _route(recorded, "stream" if way == "unary from stream" else "whole"), way
        )
        try:
            comparison = compared(recorded, told)
        except Exception as cause:  # noqa: BLE001 - one strange file must not end the run
            comparison = Comparison([Difference("comparison", "a readable expectation", repr(cause))])
        result.differences += [(way, difference) for difference in comparison.differences]
        result.granted |= comparison.granted
    del stage.shelf[question]
    return result


async def _told(client: ChatClient, question: str, model: str, way: str) -> Told:
    """What a caller is told who asks this way."""
    try:
        if way != "stream":
            return told_by(await client.chat(question, model=model, policy=ONCE))
        async with client.stream(question, model=model, policy=ONCE) as stream:
            async for _ in stream:
                pass
        return told_by(stream.response)
    except MainstayError as error:
        return failed_with(error)
