"""Plays rows one after the other, and at last looks whether anything stayed open."""

import asyncio
import gc
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx

from mainstay import MainstayError
from mainstay import v1 as pb
from tests.chaos.expect import Unmet, expect, expect_that
from tests.chaos.house import House, opened
from tests.chaos.leaks import Complaints, Descriptors, expect_no_connection, expect_nothing_open
from tests.chaos.scenario import Row
from tests.chaos.seen import see
from tests.chaos.stage import HEALTHY, Stage

LONGEST = 60.0
"""Seconds after which a row has failed, whatever it waits for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A line of the table. `complaint` is None if all that must happen did."""

    id: str
    does: str
    mode: str = ""
    saw: str
    attempts: int | None = None
    seconds: float
    scale: int | None = None
    complaint: str | None


async def played(rows: Sequence[Row]) -> AsyncGenerator[Result, None]:
    """The result of each row as it comes, and of what came after them all."""
    async with opened(rows) as house:
        await _open_what_is_opened_once(house)
        before = Descriptors.of(house.service.child.pid)
        complaints = Complaints(house.service)
        for row in rows:
            yield await _play(row, house, complaints)
        yield await _aftermath(house, before, complaints)


async def _open_what_is_opened_once(house: House) -> None:
    """A connection to a provider, and whoever holds answers against schemas."""
    form = pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="any", schema_json='{"type":"object"}'))
    await see(house.client, "hello", streamed=False, seconds=10, model=HEALTHY, response_format=form)


async def _play(row: Row, house: House, complaints: Complaints) -> Result:
    stage = Stage(row, house)
    for provider in house.providers.values():
        await provider.forget()
    began = time.monotonic()
    complaint = await complaint_of(lambda: row.scenario.play(stage))
    seconds = time.monotonic() - began

    async def left_nothing() -> None:
        await expect_nothing_open(house)
        complaints.expect_none()

    left = await complaint_of(left_nothing)
    return Result(
        id=row.scenario.id,
        does=row.scenario.does,
        mode=row.mode,
        saw=stage.saw or "nothing",
        attempts=stage.attempts,
        seconds=seconds,
        scale=row.scenario.scale,
        complaint="; ".join(said for said in (complaint, left) if said) or None,
    )


async def _aftermath(house: House, before: Descriptors, complaints: Complaints) -> Result:
    """With the caller and the providers gone nothing is left that the service could have a reason to hold."""
    began = time.monotonic()

    async def close() -> None:
        await house.client.close()
        gc.collect()  # gRPC closes a socket only when nobody, no failure's traceback either, holds the channel
        for provider in house.providers.values():
            await provider.die()
        await expect_no_connection(house.service.child.pid, before)
        await _end(house)
        complaints.expect_none()

    complaint = await complaint_of(close)
    return Result(
        id="end",
        does="caller and providers leave, then SIGTERM",
        saw="all connections closed, exit code 0" if complaint is None else "something stayed behind",
        seconds=time.monotonic() - began,
        complaint=complaint,
    )


async def _end(house: House) -> None:
    child = house.service.child
    expect_that(child.returncode is None, f"the service is gone, with exit code {child.returncode}")
    child.send_signal(signal.SIGTERM)
    expect("exit code of the service", await child.wait(), 0)


async def complaint_of(play: Callable[[], Awaitable[None]]) -> str | None:
    """What was wrong; None: nothing. Raises what is a mistake of the play's own."""
    try:
        async with asyncio.timeout(LONGEST):
            await play()
    except TimeoutError:
        return f"it was not over after {LONGEST:g} s"
    except _WRONG as error:
        return _in_words(error)
    except ExceptionGroup as several:
        wrong, others = several.split(_WRONG)
        if wrong is None or others is not None:
            raise
        return _in_words(_first(wrong))
    return None


_WRONG = (Unmet, AssertionError, MainstayError, httpx.HTTPError)
"""What a play raises when something is not as it must be; everything else is a mistake in the play."""


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, Unmet) else f"{type(error).__name__}: {error}"


def _first(several: ExceptionGroup[Exception]) -> Exception:
    first = several.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first
