"""Whatever a provider sends, the caller gets an answer or a Failure, and nothing stays open."""

import asyncio
import ssl
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from service.chat.failures import Failure
from service.providers.http import Connecting, Http
from tests.kit.openness import Openness
from tests.providers.http.asking import OK, ask
from tests.providers.http.peers import Visit, peer

SEEDS = [
    OK,
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n1;a=b\r\n!\r\n0\r\nx-trailer: 1\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 500 No\r\ncontent-length: 3\r\nConnection: close\r\n\r\nno!",
    b"HTTP/1.0 200 OK\r\n\r\ndata: {}\n\n",
]


@st.composite
def mutated(draw: st.DrawFn) -> list[bytes]:
    """Something like an answer, in some pieces."""
    came = bytearray(draw(st.sampled_from(SEEDS) | st.binary(max_size=100)))
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(came)))
        came[place : place + draw(st.integers(0, 5))] = draw(st.binary(max_size=5))
    middle = draw(st.integers(0, len(came)))
    return [piece for piece in (bytes(came[:middle]), bytes(came[middle:])) if piece]


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.lists(mutated(), min_size=12, max_size=12))
async def test_whatever_comes_is_an_answer_or_a_failure(came: list[list[bytes]]) -> None:
    openness = Openness()
    answers = iter(came)

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(*next(answers))

    async with Http(Connecting(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))) as http, peer(script) as provider:
        async with asyncio.timeout(5):
            for _ in came:
                with suppress(Failure):
                    await ask(http, provider.url)
    await openness.assert_nothing_new()
