"""What holds by whichever way a provider is reached."""

import asyncio

import pytest

from mainstay import v1 as pb
from service.providers.http import Http
from tests.kit.replies import failure_of
from tests.providers.http.asking import OK, SECRET, answering, answering_once, ask, post
from tests.providers.http.peers import Visit, peer


async def test_a_request_says_what_it_is_and_to_whom(http: Http) -> None:
    heads = []

    async def script(visit: Visit) -> None:
        head, body = await visit.request()
        heads.append((head, body))
        await visit.send(OK)

    async with peer(script) as provider:
        await ask(http, provider.url, b'{"a":1}', {"TraceState": "a=b\tc"})
    ((head, body),) = heads
    request, *lines = head.rstrip().split("\r\n")
    said = dict(line.lower().split(": ", 1) for line in lines)
    assert request.startswith("POST ")
    assert request.endswith("/v1/chat/completions HTTP/1.1")
    assert len(said) == len(lines), "a header was said twice"
    assert body == b'{"a":1}'
    assert said.items() >= {
        ("host", provider.url.split("/")[2]),
        ("content-length", "7"),
        ("content-type", "application/json"),
        ("accept-encoding", "identity"),
        ("user-agent", "mainstay"),
        ("authorization", f"bearer {SECRET}"),
        ("tracestate", "a=b\tc"),
    }


async def test_a_body_that_is_no_json_says_what_it_is(http: Http) -> None:
    heads = []

    async def script(visit: Visit) -> None:
        heads.append((await visit.request())[0])
        await visit.send(OK)

    async with peer(script) as provider:
        await ask(http, provider.url, b"a=b", {"Content-Type": "application/x-www-form-urlencoded"})
    assert heads[0].lower().count("content-type: ") == 1
    assert "content-type: application/x-www-form-urlencoded\r\n" in heads[0].lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tracestate", "a\r\nx-evil: 1"),
        ("tracestate", "a\nx-evil: 1"),
        ("tracestate", "a\rb"),
        ("tracestate", "a\0b"),
        ("tracestate", "a\x7fb"),
        ("tracestate", "a\x1bb"),
        ("tracestate", "schlüssel"),
        ("tracestate", "a\u2028b"),
        ("x-evil: 1\r\nx", "b"),
        ("two words", "b"),
        ("", "b"),
    ],
)
async def test_what_could_be_a_header_of_its_own_is_never_sent(http: Http, name: str, value: str) -> None:
    async with peer(answering(OK)) as provider:
        failure = await failure_of(http.post(provider.url, {name: value}, b"", 1))
        assert provider.visits == 0
    assert failure.kind == pb.FAILURE_KIND_REJECTED_PARAMETER
    assert "evil" not in str(failure)


async def test_the_frame_of_a_request_is_nobody_elses_to_say(http: Http) -> None:
    heads = []

    async def script(visit: Visit) -> None:
        heads.append((await visit.request())[0].lower())
        await visit.send(OK)

    theirs = dict.fromkeys(["Host", "Content-Length", "Transfer-Encoding", "User-Agent", "Expect"], "evil")
    async with peer(script) as provider:
        answer = await http.post(provider.url, theirs, b"{}", 1)
        await answer.read_all()
        await answer.aclose()
    assert "evil" not in heads[0]


@pytest.mark.parametrize("url", ["http://h/a b", "http://h/a\r\nx: y", "ftp://h/", "http://h:x/", "http:///a", ""])
async def test_a_url_that_is_none_is_never_asked(http: Http, url: str) -> None:
    failure = await failure_of(http.post(url, {}, b"", 1))
    assert failure.kind == pb.FAILURE_KIND_REJECTED_PARAMETER


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("came", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, b""),
        (b"HTTP/1.1 429 Too Many\r\ncontent-length: 2\r\n\r\n{}", 429, b"{}"),
        (b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", 302, b""),
        (CHUNKED + b"1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n", 200, b"hi"),
        (CHUNKED + b"2 \r\nhi\r\n0\r\n\r\n", 200, b"hi"),
        (CHUNKED + b"2\r\nhi\r\n0\r\nx-checksum: 1\r\nx-more: 2\r\n\r\n", 200, b"hi"),
        (b"HTTP/1.1 200 OK\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.0 200 OK\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.1 200 OK\ncontent-length: 2\n\nhi", 200, b"hi"),
        (b"HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nhi", 200, b"hi"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\n", 304, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"hi"),
        (b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + OK, 200, b"hi"),
    ],
)
async def test_an_answer_is_read_as_it_is_framed(http: Http, came: bytes, status: int, body: bytes) -> None:
    async with peer(answering_once(came)) as provider:
        assert await ask(http, provider.url) == (status, body)


async def test_headers_are_found_in_any_case(http: Http) -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Request-ID: r1\r\nx-twice: a\r\nX-Empty:\r\nX-Twice: b\r\ncontent-length: 0\r\n\r\n"
    async with peer(answering(head)) as provider:
        answer = await post(http, provider.url)
        await answer.aclose()
    assert (answer.headers["x-request-id"], answer.headers["X-REQUEST-ID"]) == ("r1", "r1")
    assert answer.headers.get("X-tWice") == "a, b"
    assert answer.headers["x-empty"] == ""
    assert answer.headers.get("x-nothing") is None
    assert ("X-Nothing" in answer.headers, "X-Twice" in answer.headers) == (False, True)
    assert {name.lower() for name in answer.headers} == {"x-request-id", "x-twice", "x-empty", "content-length"}


async def test_the_headers_of_an_interim_answer_are_not_those_of_the_answer(http: Http) -> None:
    async with peer(answering(b"HTTP/1.1 103 Early Hints\r\nx-request-id: no\r\n\r\n" + OK)) as provider:
        answer = await post(http, provider.url)
        await answer.aclose()
    assert list(answer.headers) == ["content-length"]


@pytest.mark.parametrize(
    "came",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
        CHUNKED + b"2\r\nhi\r\n",
        CHUNKED + b"9\r\nhi",
        CHUNKED + b"2\r\nhi\r\n0\r\n",
    ],
)
async def test_a_body_that_breaks_off_is_cut_off_after_what_came(http: Http, came: bytes) -> None:
    async with peer(answering_once(came)) as provider:
        answer = await post(http, provider.url)
        assert await answer.read() == b"hi"
        failure = await failure_of(answer.read())
        assert failure.kind == pb.FAILURE_KIND_CUT_OFF
        assert "after 2 bytes" in failure.detail
        await answer.aclose()


async def test_who_hangs_up_before_answering_was_not_reached(http: Http) -> None:
    async with peer(answering_once()) as provider:
        failure = await failure_of(post(http, provider.url))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE
    assert "no answer from 127.0.0.1" in failure.detail


@pytest.mark.parametrize("encoding", [b"gzip", b"br"])
async def test_an_encoding_that_was_not_asked_for_is_malformed_and_not_read(http: Http, encoding: bytes) -> None:
    left = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding + b"\r\ncontent-length: 99\r\n\r\n\x0b")
        await visit.left()
        left.set()

    async with peer(script) as provider:
        assert (await failure_of(post(http, provider.url))).kind == pb.FAILURE_KIND_MALFORMED
        async with asyncio.timeout(0.5):
            await left.wait()


async def test_a_connection_is_used_again_after_a_whole_answer(http: Http) -> None:
    async with peer(answering(OK)) as provider:
        for _ in range(3):
            assert await ask(http, provider.url) == (200, b"hi")
        assert provider.visits == 1


@pytest.mark.parametrize(
    "came",
    [OK.replace(b"content", b"connection: close\r\ncontent"), OK.replace(b"HTTP/1.1", b"HTTP/1.0")],
)
async def test_a_connection_is_not_used_again_if_the_provider_says_so(http: Http, came: bytes) -> None:
    async with peer(answering(came)) as provider:
        for _ in range(2):
            assert await ask(http, provider.url) == (200, b"hi")
        assert provider.visits == 2


async def test_requests_at_the_same_time_have_connections_of_their_own(http: Http) -> None:
    here = asyncio.Barrier(3)

    async def script(visit: Visit) -> None:
        _, body = await visit.request()
        await here.wait()
        await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + body)

    async with peer(script) as provider:
        answers = await asyncio.gather(*(ask(http, provider.url, body) for body in (b"1", b"2", b"3")))
    assert [body for _, body in answers] == [b"1", b"2", b"3"]


async def test_leaving_in_the_middle_closes_the_connection_at_once(http: Http) -> None:
    left = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(CHUNKED + b"2\r\nhi\r\n")
        await visit.left()
        left.set()

    async with peer(script) as provider:
        answer = await post(http, provider.url)
        assert await answer.read() == b"hi"
        await answer.aclose()
        async with asyncio.timeout(0.5):
            await left.wait()
        await answer.aclose()


async def test_a_request_given_up_while_it_waits_closes_the_connection_at_once(http: Http) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        asked.set()
        await visit.left()
        left.set()

    async with peer(script) as provider:
        asking = asyncio.ensure_future(post(http, provider.url))
        await asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(0.5):
            await left.wait()


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # aiohttp's word on what it does itself
async def test_a_large_request_arrives_whole(http: Http) -> None:
    body = bytes(range(256)) * 4 * 8192
    bodies = []

    async def script(visit: Visit) -> None:
        while True:
            bodies.append((await visit.request())[1])
            await visit.send(OK)

    async with peer(script) as provider:
        for _ in range(2):
            assert await ask(http, provider.url, body) == (200, b"hi")
        assert provider.visits == 1
    assert bodies == [body, body]


async def test_an_answer_in_many_pieces_is_read_whole(http: Http) -> None:
    pieces = [b"x" * 1000 * n for n in range(100)]
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces[1:]]
    async with peer(answering(CHUNKED, *chunks, b"0\r\n\r\n")) as provider:
        assert await ask(http, provider.url) == (200, b"".join(pieces))


async def test_a_credential_is_in_no_error_and_no_representation(http: Http) -> None:
    shown = [repr(http)]
    async with peer(answering_once()) as provider:
        shown.append(_all(await failure_of(post(http, provider.url))))
    async with peer(answering_once(OK[:-1])) as provider:
        answer = await post(http, provider.url)
        shown.append(f"{answer!r} {answer.headers!r} {vars(answer)!r} {_all(await failure_of(answer.read_all()))}")
        await answer.aclose()
    assert SECRET not in " ".join(shown)


def _all(error: BaseException | None) -> str:
    shown = ""
    while error is not None:
        shown += f" {error!r} {error}"
        error = error.__cause__ or error.__context__
    return shown


async def test_nothing_is_left_open_when_http_closes(http: Http) -> None:
    """The guard looks for sockets and tasks; one answer is half read, another is awaited, a connection waits."""
    here, left = asyncio.Event(), asyncio.Semaphore(0)

    async def script(visit: Visit) -> None:
        _, body = await visit.request()
        match body:
            case b"read":
                await visit.send(CHUNKED + b"2\r\nhi\r\n")
            case b"idle":
                await visit.send(OK)
            case _:
                here.set()
        await visit.left()
        left.release()

    async with peer(script) as provider:
        answer = await post(http, provider.url, b"read")
        assert await answer.read() == b"hi"
        waiting = asyncio.ensure_future(failure_of(post(http, provider.url, b"wait")))
        await here.wait()
        await ask(http, provider.url, b"idle")
        await http.__aexit__(None, None, None)
        async with asyncio.timeout(0.5):
            for _ in range(3):
                await left.acquire()
        assert (await waiting).kind == pb.FAILURE_KIND_UNREACHABLE
        await answer.aclose()
