import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from service.admin.pages import Exposition, pages
from service.admin.readiness import Component, Readiness, Status
from service.admin.server import Admin
from service.telemetry.stdlib import bridged
from tests.kit.log_schema import Schema
from tests.kit.web import fetch, parsed, spoken
from tests.kit.written import written

GOOD = Readiness(ready=True, components=[Component("grpc", Status.OK, "serving")])
BAD = Readiness(ready=False, components=[Component("provider x", Status.UNUSABLE, "no key: set X")])


def expose(accept: str) -> tuple[str, bytes]:
    return f"text/for-{accept or 'all'}", b"requests 1\n"


@asynccontextmanager
async def listening(
    readiness: Readiness = GOOD, exposition: Exposition | None = None, seconds: float = 5.0, at: str = "127.0.0.1:0"
) -> AsyncIterator[str]:
    admin = Admin(pages(lambda: readiness, exposition), seconds=seconds)
    address = await admin.start(at)
    try:
        yield address
    finally:
        await admin.stop()


async def test_livez_is_ok_as_long_as_somebody_answers() -> None:
    async with listening(BAD) as address:
        said = await fetch(address, "/livez")
    assert (said.status, said.body) == (200, b"ok\n")


@pytest.mark.parametrize(("readiness", "status"), [(GOOD, 200), (BAD, 503)])
async def test_readyz_says_whether_and_why(readiness: Readiness, status: int) -> None:
    async with listening(readiness) as address:
        said = await fetch(address, "/readyz")
    (component,) = readiness.components
    assert (said.status, said.headers["content-type"]) == (status, "application/json")
    assert said.json == {
        "ready": readiness.ready,
        "components": [{"name": component.name, "status": component.status.value, "reason": component.reason}],
    }


async def test_metrics_are_what_the_exposition_says_for_the_accept_header() -> None:
    async with listening(exposition=expose) as address:
        said = await fetch(address, "/metrics", Accept="openmetrics")
        index = await fetch(address, "/")
    assert (said.status, said.headers["content-type"], said.body) == (200, "text/for-openmetrics", b"requests 1\n")
    assert [line.split()[0] for line in index.body.splitlines()] == [b"/livez", b"/readyz", b"/targets", b"/metrics"]


async def test_while_metrics_are_written_the_loop_turns() -> None:
    probed = threading.Event()

    def slow(accept: str) -> tuple[str, bytes]:
        return "text/plain", b"probed" if probed.wait(2) else b"in vain"

    async with listening(exposition=slow) as address, asyncio.TaskGroup() as group:
        metrics = group.create_task(fetch(address, "/metrics"))
        await asyncio.sleep(0)
        for path in ("/livez", "/readyz"):
            assert (await fetch(address, path)).status == 200
        probed.set()
    assert metrics.result().body == b"probed"


async def test_what_is_not_there_is_not_listed_and_not_found() -> None:
    async with listening() as address:
        assert b"/metrics" not in (await fetch(address, "/")).body
        for path in ("/metrics", "/etc/passwd", "/livez/", "/../livez", "//", "/%2e"):
            assert (await fetch(address, path)).status == 404


async def test_a_query_changes_nothing() -> None:
    async with listening() as address:
        assert (await fetch(address, "/livez?verbose")).status == 200


async def test_head_is_get_without_a_body() -> None:
    async with listening() as address:
        said = await fetch(address, "/livez", "HEAD")
    assert (said.status, said.headers["content-length"], said.body) == (200, "3", b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
async def test_nothing_can_be_done_here_but_look(method: str) -> None:
    async with listening() as address:
        said = await fetch(address, "/livez", method)
    assert (said.status, said.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00canary\r\n\r\n",
        b"GET /livez HTTP/1.1\r\ncanary header\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nx: " + b"canary" * 10_000 + b"\r\n\r\n",
    ],
    ids=["tls", "header", "path", "value"],
)
async def test_nonsense_is_told_so_in_few_words_and_is_no_line_in_the_log(nonsense: bytes) -> None:
    async with listening() as address:
        with written() as lines, bridged():
            said = parsed(await spoken(address, nonsense))
        assert (said.status, said.body) == (400, b"not understood\n")
        assert (await fetch(address, "/livez")).status == 200
    assert lines == []


async def test_no_answer_says_what_it_is_made_of() -> None:
    async with listening(exposition=expose) as address:
        answers = [await fetch(address, path) for path in ("/", "/livez", "/readyz", "/metrics", "/nothing")]
        answers += [await fetch(address, "/livez", "POST"), parsed(await spoken(address, b"\x01\r\n\r\n"))]
    assert {said.headers["server"] for said in answers} == {"mainstay"}
    assert {said.headers["cache-control"] for said in answers} == {"no-store"}


async def test_a_connection_carries_one_request() -> None:
    ask = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n"
    async with listening() as address:
        assert (await spoken(address, ask * 3)).count(b"HTTP/1.1 200") == 1


@pytest.mark.parametrize("data", [b"", b"GET /li", b"POST /livez HTTP/1.1\r\nContent-Length: 99\r\n\r\nx"])
async def test_whoever_dawdles_is_hung_up_on(data: bytes) -> None:
    async with listening(seconds=0.05) as address:
        with suppress(ConnectionResetError):
            await spoken(address, data)  # raises TimeoutError after five seconds


async def test_whoever_asks_for_much_and_does_not_read_is_hung_up_on() -> None:
    size = 32 * 1024 * 1024
    async with listening(exposition=lambda accept: ("text/plain", b"x" * size), seconds=0.2) as address:
        reader, writer = await asyncio.open_connection(*address.split(":"), limit=1024)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0.3)
        read = 0
        with pytest.raises(ConnectionResetError):
            while data := await reader.read(1 << 20):
                read += len(data)
            raise ConnectionResetError  # closed cleanly, which is as good if it came too short
        assert read < size
        writer.close()


async def test_a_page_that_fails_is_a_500_without_details_and_a_line_without_words() -> None:
    def fail(accept: str) -> tuple[str, bytes]:
        raise ValueError("canary")

    async with listening(exposition=fail) as address:
        with written() as lines, bridged():
            said = await fetch(address, "/metrics")
    assert (said.status, said.body) == (500, b"failed\n")
    (line,) = lines.of("library")
    assert (line["level"], line["message"]) == ("error", "the admin endpoint met a bug")
    assert list(Schema().wrongs(line)) == []
    assert b"canary" not in b"".join(lines)


async def test_it_listens_on_ipv6() -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    async with listening(at="[::1]:0") as address:
        assert address.startswith("[::1]:")
        assert (await fetch(address, "/livez")).status == 200


async def test_a_taken_port_is_an_oserror_and_leaves_nothing_open() -> None:
    async with listening() as address:
        with pytest.raises(OSError, match="in use"):
            async with listening(at=address):
                pass
