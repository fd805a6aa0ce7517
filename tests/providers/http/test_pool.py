"""Which connections wait, and for how long, in virtual time."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from service.providers.http.connection import Connection
from service.providers.http.heading import Origin
from service.providers.http.pool import Pool
from tests.kit.virtual_time import VirtualTimeLoop

ORIGIN, OTHER = Origin("http", "a", 80), Origin("http", "a", 8080)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


class Waiting:
    """A connection whose answer is over, and its transport."""

    def __init__(self, origin: Origin = ORIGIN) -> None:
        self.origin = origin
        self.is_open = True
        self.closing = False
        self.closes = 0

    @property
    def transport(self) -> "Waiting":
        return self

    def is_closing(self) -> bool:
        return self.closing

    def release(self) -> bool:
        return self.is_open

    def close(self) -> None:
        self.is_open = False
        self.closes += 1


def given(pool: Pool, waiting: Waiting) -> Connection:
    connection = cast("Connection", waiting)
    pool.add(connection)
    pool.give_back(connection)
    return connection


async def test_each_connection_waits_as_long_as_the_others() -> None:
    pool, waiting = Pool(30), [Waiting(), Waiting(OTHER), Waiting()]
    for connection in waiting:
        given(pool, connection)
        await asyncio.sleep(9)
    for still_open in ([True, True, True], [False, True, True], [False, False, True], [False, False, False]):
        await asyncio.sleep(1)
        assert [connection.is_open for connection in waiting] == still_open
        await asyncio.sleep(8)


async def test_a_connection_leads_to_its_origin_only() -> None:
    pool = Pool(30)
    connection = given(pool, Waiting())
    assert pool.take(OTHER) is None
    assert pool.take(ORIGIN) is connection
    assert pool.take(ORIGIN) is None
    await pool.aclose()


@pytest.mark.parametrize("end", ["closed", "closing", "forgotten"])
async def test_a_connection_that_ended_while_it_waited_is_passed_over(end: str) -> None:
    pool, last = Pool(30), Waiting()
    ends: dict[str, Callable[[Connection], None]] = {
        "closed": lambda connection: connection.close(),
        "closing": lambda _: setattr(last, "closing", True),
        "forgotten": pool.forget,
    }
    first = given(pool, Waiting())
    ends[end](given(pool, last))
    assert pool.take(ORIGIN) is first
    assert pool.take(ORIGIN) is None
    await pool.aclose()


async def test_after_the_end_each_was_closed_once_and_none_is_kept() -> None:
    """However long the loop takes: these never say that their sockets are closed."""
    pool, waiting, late = Pool(30), Waiting(), Waiting()
    given(pool, waiting)
    await pool.aclose()
    given(pool, late)
    await asyncio.sleep(60)
    assert waiting.closes == 1
    assert not late.is_open
    assert pool.take(ORIGIN) is None
