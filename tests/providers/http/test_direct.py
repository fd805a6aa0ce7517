"""What our own connections promise beyond the contract."""

import asyncio
import socket
import ssl
from contextlib import suppress

import pytest

from mainstay import v1 as pb
from service.providers.http import Connecting, Http
from service.providers.http.heading import Origin
from service.providers.http.incoming import HEAD_BYTES
from service.providers.http.reach import reach
from tests.kit.replies import failure_of
from tests.providers.http.asking import OK, SECRET, answering, answering_once, ask, post
from tests.providers.http.peers import Visit, peer

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
MIB = 1024 * 1024


@pytest.mark.parametrize(
    "came",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16",
        b"<html>hello</html>",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"HTTP/1.1 099 Hm\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx-bad\x01: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx-much: " + b"x" * HEAD_BYTES + b"\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * (HEAD_BYTES // 27),
        b"HTTP/1.1 200 " + b"O" * 4 * HEAD_BYTES,
    ],
)
async def test_what_is_no_http_is_malformed(direct: Http, came: bytes) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(came)
        await visit.left()

    async with peer(script) as provider:
        failure = await failure_of(post(direct, provider.url))
    assert failure.kind == pb.FAILURE_KIND_MALFORMED, failure


async def test_a_head_of_almost_64_kib_is_read(direct: Http) -> None:
    head = b"HTTP/1.1 200 OK\r\nx-much: " + b"x" * (HEAD_BYTES - 100) + b"\r\ncontent-length: 100000\r\n\r\n"
    async with peer(answering(head + b"x" * 100_000)) as provider:
        assert await ask(direct, provider.url) == (200, b"x" * 100_000)


@pytest.mark.parametrize("came", [b"H", b"HTTP/1.1 200 OK\r\nx-a: b\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_a_head_that_breaks_off_is_cut_off(direct: Http, came: bytes) -> None:
    async with peer(answering_once(came)) as provider:
        failure = await failure_of(post(direct, provider.url))
    assert failure.kind == pb.FAILURE_KIND_CUT_OFF


async def test_a_reset_before_the_answer_is_unreachable_and_says_so(direct: Http) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        visit.reset()

    async with peer(script) as provider:
        failure = await failure_of(post(direct, provider.url))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE
    assert "connection reset by peer" in failure.detail


@pytest.mark.parametrize(
    "head", [CHUNKED + b"2\r\nhi\r\n", b"HTTP/1.1 200 OK\r\n\r\nhi"], ids=["chunked", "until close"]
)
async def test_a_reset_in_the_body_is_a_cut_off_every_time_it_is_read(direct: Http, head: bytes) -> None:
    read = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(head)
        await read.wait()
        visit.reset()

    async with peer(script) as provider:
        answer = await post(direct, provider.url)
        assert await answer.read() == b"hi"
        read.set()
        for _ in range(2):
            failure = await failure_of(answer.read())
            assert failure.kind == pb.FAILURE_KIND_CUT_OFF
            assert "connection reset by peer" in failure.detail
        await answer.aclose()


@pytest.mark.parametrize("head", [CHUNKED, b"HTTP/1.1 200 OK\r\n\r\n"], ids=["chunk", "close"])
@pytest.mark.parametrize("leaving", ["answer", "http"])
async def test_who_reads_while_the_connection_is_closed_here_is_told(direct: Http, head: bytes, leaving: str) -> None:
    async with peer(answering(head)) as provider:
        answer = await post(direct, provider.url)
        reading = asyncio.ensure_future(failure_of(answer.read()))
        await asyncio.sleep(0)
        await (answer.aclose() if leaving == "answer" else direct.__aexit__(None, None, None))
        failure = await reading
    assert failure.kind == pb.FAILURE_KIND_CUT_OFF
    assert "closed here" in failure.detail


async def test_a_body_that_is_framed_wrongly_is_malformed_after_what_came(direct: Http) -> None:
    async with peer(answering_once(CHUNKED + b"2\r\nhi\r\nzz\r\n")) as provider:
        answer = await post(direct, provider.url)
        assert await answer.read() == b"hi"
        assert (await failure_of(answer.read())).kind == pb.FAILURE_KIND_MALFORMED
        await answer.aclose()


async def test_trailers_without_end_are_malformed(direct: Http) -> None:
    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(CHUNKED + b"2\r\nhi\r\n0\r\nx-trailer: ")
        with suppress(ConnectionError):
            while True:
                await visit.send(b"x" * 10_000)

    async with peer(script) as provider:
        answer = await post(direct, provider.url)
        failure = await failure_of(answer.read_all())
        await answer.aclose()
    assert failure.kind == pb.FAILURE_KIND_MALFORMED


async def test_text_that_arrives_together_is_read_together(direct: Http) -> None:
    async with peer(answering(CHUNKED + b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n")) as provider:
        answer = await post(direct, provider.url)
        assert await answer.read() == b"abc"
        await answer.aclose()


async def test_text_is_read_when_it_arrives_and_waits_for_nothing(direct: Http) -> None:
    read = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(CHUNKED)
        for text in (b"a", b"b", b"c"):
            await visit.send(b"1\r\n%s\r\n" % text)
            await read.wait()
            read.clear()

    async with peer(script) as provider:
        answer = await post(direct, provider.url)
        for text in (b"a", b"b", b"c"):
            assert await answer.read() == text
            read.set()
        await answer.aclose()


GARBAGE = [b"x", b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil", b"0\r\n\r\n", b"\r\n\r\nHTTP/1.1"]


@pytest.mark.parametrize("end", [OK, b"HTTP/1.1 204 No Content\r\n\r\n", CHUNKED + b"2\r\nhi\r\n0\r\n\r\n"])
@pytest.mark.parametrize("garbage", GARBAGE)
async def test_what_follows_an_answer_is_no_part_of_it_or_of_the_next(direct: Http, end: bytes, garbage: bytes) -> None:
    async with peer(answering(end + garbage)) as provider:
        for _ in range(2):
            status, body = await ask(direct, provider.url)
            assert (status, body) in ((200, b"hi"), (204, b""))
        assert provider.visits == 2


async def test_bytes_that_nobody_asked_for_close_a_connection_that_waits(direct: Http) -> None:
    left = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(OK)
        await asked.wait()
        await visit.send(OK.replace(b"hi", b"no"))
        await visit.left()
        left.set()

    asked = asyncio.Event()
    async with peer(script) as provider:
        assert await ask(direct, provider.url) == (200, b"hi")
        asked.set()
        await left.wait()
        assert await ask(direct, provider.url) == (200, b"hi")
        assert provider.visits == 2


async def test_a_connection_that_the_provider_closed_while_it_waited_is_not_used(direct: Http) -> None:
    ended = asyncio.Queue[None]()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(OK)
        await visit.end()
        await ended.put(None)

    async with peer(script) as provider:
        for visits in (1, 2, 3):
            assert await ask(direct, provider.url) == (200, b"hi")
            assert provider.visits == visits
            await ended.get()


async def test_a_used_connection_that_closes_instead_of_answering_is_unreachable_and_asked_once(direct: Http) -> None:
    requests = []

    async def script(visit: Visit) -> None:
        requests.append(await visit.request())
        await visit.send(OK)
        requests.append(await visit.request())

    async with peer(script) as provider:
        assert await ask(direct, provider.url) == (200, b"hi")
        failure = await failure_of(post(direct, provider.url))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE
    assert len(requests) == 2


async def test_a_connection_that_nobody_needs_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.providers.http.direct.IDLE_SECONDS", 0.05)
    left = []

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(OK)
        await visit.left()
        left.append(asyncio.get_running_loop().time())

    async with Http(Connecting(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))) as http, peer(script) as provider:
        await asyncio.gather(*(ask(http, provider.url) for _ in range(2)))
        idle = asyncio.get_running_loop().time()
        async with asyncio.timeout(5):
            while len(left) < 2:
                await asyncio.sleep(0.005)
        assert min(left) - idle > 0.03


async def test_the_connection_that_waited_least_is_used_first(direct: Http) -> None:
    here = asyncio.Barrier(2)
    names = iter((b"1", b"2"))

    async def script(visit: Visit) -> None:
        name = next(names)
        while True:
            _, body = await visit.request()
            if body == b"both":
                await here.wait()
            await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + name)

    async with peer(script) as provider:
        answers = await asyncio.gather(*(post(direct, provider.url, b"both") for _ in range(2)))
        read = [await answer.read_all() for answer in answers]
        for answer in answers:
            await answer.aclose()
        assert await ask(direct, provider.url) == (200, read[-1])
        assert provider.visits == 2


async def test_a_connection_given_back_twice_serves_one_request_at_a_time(direct: Http) -> None:
    async with peer(answering(OK)) as provider:
        answer = await post(direct, provider.url)
        await answer.read_all()
        await answer.aclose()
        await answer.aclose()
        answers = [await post(direct, provider.url) for _ in range(2)]
        await answer.aclose()
        assert [await answer.read_all() for answer in answers] == [b"hi", b"hi"]
        for answer in answers:
            await answer.aclose()
        assert provider.visits == 2


async def test_an_answer_that_nobody_reads_makes_the_provider_wait(direct: Http) -> None:
    sent = 0

    async def script(visit: Visit) -> None:
        nonlocal sent
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (64 * MIB))
        for _ in range(64):
            await visit.send(b"x" * MIB)
            sent += 1

    async with peer(script) as provider:
        answer = await post(direct, provider.url)
        before = -1
        while before != sent:  # until it no longer gets rid of any
            before = sent
            await asyncio.sleep(0.1)
        assert sent < 32
        assert len(await answer.read_all()) == 64 * MIB
        await answer.aclose()


@pytest.mark.parametrize("then", ["closes", "resets", "reads on"])
async def test_a_refusal_before_all_was_sent_is_heard(direct: Http, then: str) -> None:
    async def script(visit: Visit) -> None:
        await visit.head()
        await visit.send(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        if then == "resets":
            await heard.wait()
            visit.reset()
        elif then == "reads on":
            await visit.left()

    heard = asyncio.Event()
    async with peer(script) as provider:
        answer = await post(direct, provider.url, b"x" * 32 * MIB)
        heard.set()
        assert answer.status == 413
        assert await answer.read_error() == b"no"
        await answer.aclose()
        assert provider.visits == 1
        assert await ask(direct, provider.url) == (413, b"no")
        assert provider.visits == 2, "a connection with half a request on it was used again"


async def test_a_refusal_is_heard_before_it_is_over(direct: Http) -> None:
    heard = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.head()
        await visit.send(CHUNKED.replace(b"200 OK", b"401 No"))
        await heard.wait()
        await visit.send(b"2\r\nno\r\n0\r\n\r\n")
        await visit.left()

    async with peer(script) as provider:
        answer = await post(direct, provider.url, b"x" * 32 * MIB)
        heard.set()
        assert (answer.status, await answer.read_error()) == (401, b"no")
        await answer.aclose()


async def test_an_acceptance_before_all_was_sent_does_not_end_the_request(direct: Http) -> None:
    async def script(visit: Visit) -> None:
        head = await visit.head()
        await visit.send(CHUNKED)
        length = len(await visit.body(head))
        await visit.send(b"8\r\n%d\r\n0\r\n\r\n" % length)

    async with peer(script) as provider:
        assert await ask(direct, provider.url, b"x" * 32 * MIB) == (200, b"33554432")


async def test_others_get_their_turn_while_a_large_request_is_sent(direct: Http) -> None:
    turns = 0

    async def counting() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with peer(answering(OK)) as provider:
        others = asyncio.ensure_future(counting())
        assert await ask(direct, provider.url, b"x" * 32 * MIB) == (200, b"hi")
        others.cancel()
        await asyncio.wait([others])
    assert turns > 100


@pytest.mark.parametrize("dead", [["::1"], ["192.0.2.1"], ["::1", "127.0.0.9", "192.0.2.1"]])
async def test_a_name_is_reached_at_the_address_that_answers(
    direct: Http, dead: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One refuses, one is not routed or never answers; the last is right."""

    async def found(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(":" in where, socket.SOCK_STREAM, 6, "", (where, port)) for where in [*dead, "127.0.0.1"]]

    monkeypatch.setattr("service.providers.http.reach.ADDRESS_SECONDS", 0.05)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)
    async with peer(answering(OK), named="localhost") as provider, asyncio.timeout(2):
        assert await ask(direct, provider.url) == (200, b"hi")


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6 here")
async def test_an_ipv6_address_stands_in_brackets(direct: Http) -> None:
    heads = []

    async def script(visit: Visit) -> None:
        heads.append((await visit.request())[0])
        await visit.send(OK)

    async with peer(script, host="::1", named="[::1]") as provider:
        assert await ask(direct, provider.url) == (200, b"hi")
    assert f"host: {provider.url.split('/')[2]}\r\n" in heads[0]


@pytest.mark.parametrize(("host", "why"), [("127.0.0.1:9", "connection refused"), ("a..b:80", ""), ("x" * 300, "")])
async def test_who_cannot_be_reached_is_unreachable(direct: Http, host: str, why: str) -> None:
    failure = await failure_of(post(direct, f"http://{host}/"))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE
    assert why in failure.detail
    assert SECRET not in f"{failure!r} {failure.__cause__!r}"


async def test_small_packets_are_not_held_back() -> None:
    direct_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with peer(answering(OK)) as provider:
        port = int(provider.url.split(":")[2].split("/")[0])
        closed = asyncio.Event()
        connection = await reach(Origin("http", "127.0.0.1", port), direct_tls, lambda _: closed.set())
        plain: socket.socket = connection.transport.get_extra_info("socket")
        assert plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        connection.close()
        await closed.wait()
