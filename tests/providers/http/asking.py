"""What the tests ask, and what they keep of an answer."""

from collections.abc import Mapping
from math import inf

from service.providers.http import Answer, Http
from tests.providers.http.peers import Script, Visit

SECRET = "sk-canary-0badcafe-4b1d"
HEADERS = {"authorization": f"Bearer {SECRET}"}
NO_MORE: Mapping[str, str] = {}
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


async def post(
    http: Http, url: str, body: bytes = b"{}", headers: Mapping[str, str] = NO_MORE, connect: float = inf
) -> Answer:
    return await http.post(url, {**HEADERS, **headers}, body, connect)


async def ask(http: Http, url: str, body: bytes = b"{}", headers: Mapping[str, str] = NO_MORE) -> tuple[int, bytes]:
    """The status and the whole body of an answer that is read and closed."""
    answer = await post(http, url, body, headers)
    try:
        return answer.status, await answer.read_all()
    finally:
        await answer.aclose()


def answering(*pieces: bytes) -> Script:
    """Every request the same; then the connection waits for the next."""

    async def script(visit: Visit) -> None:
        while True:
            await visit.request()
            await visit.send(*pieces)

    return script


def answering_once(*pieces: bytes) -> Script:
    """One request; then the connection ends."""

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(*pieces)

    return script
