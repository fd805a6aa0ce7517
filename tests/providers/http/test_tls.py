"""Over TLS: whom we believe, and that all else is as without it."""

import asyncio
import ssl

import pytest

from mainstay import v1 as pb
from service.providers.http import Connecting, Http
from tests.kit.openness import Openness
from tests.kit.replies import failure_of
from tests.providers.http.asking import OK, answering, answering_once, ask, post
from tests.providers.http.papers import Papers
from tests.providers.http.peers import Visit, peer

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
MIB = 1024 * 1024


async def test_who_shows_papers_that_are_in_order_is_asked_and_asked_again(secure: Http, certified: Papers) -> None:
    async with peer(answering(OK), named="localhost", tls=certified.server()) as provider:
        for _ in range(3):
            assert await ask(secure, provider.url) == (200, b"hi")
        assert provider.visits == 1


async def test_the_provider_is_told_whom_we_look_for_and_what_we_speak(secure: Http, certified: Papers) -> None:
    looked_for, spoken = [], []
    tls = certified.server()
    tls.sni_callback = lambda socket, name, context: looked_for.append(name)

    async def script(visit: Visit) -> None:
        spoken.append(visit.protocol)
        await visit.request()
        await visit.send(OK)

    async with peer(script, named="localhost", tls=tls) as provider:
        await ask(secure, provider.url)
    assert (looked_for, spoken) == (["localhost"], ["http/1.1"])


async def test_nothing_is_said_to_whom_nobody_vouches_for(http: Http, certified: Papers) -> None:
    async with peer(answering(OK), tls=certified.server()) as provider:
        failure = await failure_of(post(http, provider.url))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE
    assert "certificate was not accepted: self-signed certificate" in failure.detail.replace(
        "self signed", "self-signed"
    )


async def test_nothing_is_said_to_whom_we_do_not_look_for(secure: Http, certified: Papers) -> None:
    async with peer(answering(OK), host="127.0.0.2", tls=certified.server()) as provider:
        failure = await failure_of(post(secure, provider.url))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE
    assert "certificate was not accepted" in failure.detail
    assert "127.0.0.2" in failure.detail


async def test_who_does_not_speak_tls_is_unreachable(secure: Http) -> None:
    async def script(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await visit.left()

    async with peer(script) as provider, asyncio.timeout(5):
        failure = await failure_of(post(secure, provider.url.replace("http:", "https:")))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE
    assert "TLS failed: wrong version number" in failure.detail


async def test_the_time_to_reach_a_provider_is_bounded_tls_included(secure: Http) -> None:
    async def script(visit: Visit) -> None:
        await visit.left()

    async with peer(script) as provider, asyncio.timeout(5):
        failure = await failure_of(post(secure, provider.url.replace("http:", "https:"), connect=0.1))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE


async def test_closing_ends_the_attempt_to_reach_a_provider(certified: Papers) -> None:
    here, left = asyncio.Event(), asyncio.Event()

    async def script(visit: Visit) -> None:
        here.set()
        await visit.left()
        left.set()

    async with peer(script) as provider:
        async with Http(Connecting(certified.client())) as http:
            asking = asyncio.ensure_future(failure_of(post(http, provider.url.replace("http:", "https:"))))
            await here.wait()
        async with asyncio.timeout(0.5):
            await left.wait()
        failure = await asking
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE
    assert "closed here" in failure.detail


async def test_what_begins_with_a_close_ends_with_it(secure: Http, certified: Papers) -> None:
    async with peer(answering_once(b"HTTP/1.1 200 OK\r\n\r\nhi"), tls=certified.server()) as provider:
        assert await ask(secure, provider.url) == (200, b"hi")


async def test_a_body_that_breaks_off_is_cut_off(secure: Http, certified: Papers) -> None:
    async with peer(answering_once(CHUNKED + b"2\r\nhi\r\n"), tls=certified.server()) as provider:
        answer = await post(secure, provider.url)
        assert await answer.read() == b"hi"
        assert (await failure_of(answer.read())).kind == pb.FAILURE_KIND_CUT_OFF
        await answer.aclose()


async def test_who_hangs_up_before_answering_was_not_reached(secure: Http, certified: Papers) -> None:
    async with peer(answering_once(), tls=certified.server()) as provider:
        assert (await failure_of(post(secure, provider.url))).kind == pb.FAILURE_KIND_UNREACHABLE


async def test_leaving_in_the_middle_closes_the_connection_at_once(secure: Http, certified: Papers) -> None:
    left = asyncio.Event()

    async def script(visit: Visit) -> None:
        await visit.request()
        await visit.send(CHUNKED + b"2\r\nhi\r\n")
        await visit.left()
        left.set()

    async with peer(script, tls=certified.server()) as provider:
        answer = await post(secure, provider.url)
        assert await answer.read() == b"hi"
        await answer.aclose()
        async with asyncio.timeout(0.5):
            await left.wait()


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # aiohttp's word on what it does itself
async def test_large_requests_and_answers_arrive_whole(secure: Http, certified: Papers) -> None:
    async def script(visit: Visit) -> None:
        while True:
            _, body = await visit.request()
            await visit.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body), body)

    body = bytes(range(256)) * 8 * 4096
    async with peer(script, tls=certified.server()) as provider:
        for _ in range(2):
            assert await ask(secure, provider.url, body) == (200, body)
        assert provider.visits == 1


async def test_a_refusal_before_all_was_sent_is_heard(certified: Papers) -> None:
    async def script(visit: Visit) -> None:
        await visit.head()
        await visit.send(b"HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno")
        await visit.left()

    async with Http(Connecting(certified.client())) as http, peer(script, tls=certified.server()) as provider:
        assert await ask(http, provider.url, b"x" * 32 * MIB) == (413, b"no")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_whenever_a_request_is_given_up_nothing_is_left_open(certified: Papers, tls: bool) -> None:
    """At every stage: after ever more of the loop's turns until it is too late, and again. The guard looks, too."""
    server: ssl.SSLContext | None = certified.server() if tls else None
    closing = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi"
    async with (
        Http(Connecting(certified.client())) as http,
        peer(answering(closing), named="localhost", tls=server) as provider,
        asyncio.timeout(20),
    ):
        openness = Openness()
        answered, turns = 0, 0
        while answered < 5 or provider.visits < answered + 5:  # given up with and without a connection
            asking = asyncio.ensure_future(ask(http, provider.url))
            for _ in range(turns):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait([asking])
            answered += not asking.cancelled()
            turns = turns + 1 + turns // 16 if asking.cancelled() else turns // 2
        await openness.assert_nothing_new()
