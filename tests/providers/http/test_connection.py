"""A connection on a transport of the test's own: what no peer can be made to show."""

import asyncio
from typing import cast

import pytest

from service.providers.http.connection import PIECE, Connection
from service.providers.http.heading import Origin


class Wire:
    """A transport that takes all that is written."""

    def __init__(self) -> None:
        self.written: list[int] = []
        self.aborted = False

    def write(self, piece: bytes) -> None:
        self.written.append(len(piece))

    def abort(self) -> None:
        self.aborted = True


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def connection(wire: Wire) -> Connection:
    made = Connection(Origin("http", "provider", 80), lambda _: None)
    made.connection_made(cast("asyncio.Transport", wire))
    return made


async def test_a_small_request_is_written_at_once_and_in_one_piece(connection: Connection, wire: Wire) -> None:
    asking = asyncio.ensure_future(connection.ask(b"head", b"body"))
    await asyncio.sleep(0)
    assert wire.written == [8]
    connection.close()
    await asking


async def test_each_piece_of_a_large_request_has_a_turn_of_its_own(connection: Connection, wire: Wire) -> None:
    asking = asyncio.ensure_future(connection.ask(b"head", bytes(PIECE * 3)))
    for pieces in range(4):
        await asyncio.sleep(0)
        assert wire.written[1:] == [PIECE] * pieces
    connection.close()
    await asking


async def test_nothing_is_written_while_the_peer_takes_nothing(connection: Connection, wire: Wire) -> None:
    asking = asyncio.ensure_future(connection.ask(b"head", bytes(PIECE * 3)))
    await asyncio.sleep(0)
    connection.pause_writing()
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(wire.written) == 1
    connection.resume_writing()
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(wire.written) == 4
    connection.close()
    await asking


async def test_what_is_still_to_be_sent_does_not_keep_a_socket_open_that_the_peer_left(
    connection: Connection, wire: Wire
) -> None:
    asking = asyncio.ensure_future(connection.ask(b"head", bytes(PIECE * 3)))
    await asyncio.sleep(0)
    connection.pause_writing()
    connection.eof_received()
    assert wire.aborted
    assert (await asking).lost == "it was closed"
