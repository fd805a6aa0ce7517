"""The life of a token, in virtual time."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.auth import Tokens
from service.providers.auth.grant import Granted
from service.providers.auth.tokens import WHILE_VALID, YOUNG
from tests.kit.replies import failure_of
from tests.providers.auth.scripted import Ear, TokenServer

Clock = Callable[[], float]
Build = Callable[..., Tokens]
HOUR = 3600.0


def down(retry_after: float | None = None) -> Failure:
    return Failure(pb.FAILURE_KIND_OVERLOADED, "no token", retry_after=retry_after)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def build(now: Clock, ear: Ear) -> Build:
    """Dice that always show zero: half of each wait, and no jitter."""

    def make(server: TokenServer, **more: Any) -> Tokens:
        made = {"host": "tokens.test", "timeout": 10.0, "now": now, "random": lambda: 0.0, "told": ear, **more}
        return Tokens(server, **made)

    return make


async def texts(tokens: Tokens, callers: int) -> set[str]:
    return {token.text for token in await asyncio.gather(*(tokens.current() for _ in range(callers)))}


async def test_all_who_need_one_share_one_fetch(build: Build) -> None:
    server = TokenServer(Granted("a", HOUR))
    assert await texts(build(server), 100) == {"a"}
    assert server.fetches == 1


async def test_a_failed_fetch_is_shared_too_and_nobody_asks_again_at_once(build: Build, now: Clock) -> None:
    server = TokenServer(down())
    tokens = build(server)
    failures = await asyncio.gather(*(tokens.current() for _ in range(100)), return_exceptions=True)
    assert {type(failure) for failure in failures} == {Failure}
    assert server.fetches == 1
    failure = await failure_of(tokens.current())
    assert (failure.kind, now()) == (pb.FAILURE_KIND_OVERLOADED, 1.0)
    assert failure.retry_after == pytest.approx(0.5)
    assert server.fetches == 1


async def test_after_the_wait_it_is_asked_again(build: Build, ear: Ear) -> None:
    tokens = build(TokenServer(down(), down(), Granted("a", HOUR)))
    for _ in range(2):
        assert (await failure_of(tokens.current())).kind == pb.FAILURE_KIND_OVERLOADED
        await asyncio.sleep((await failure_of(tokens.current())).retry_after or 0)
    assert (await tokens.current()).text == "a"
    assert ear == ["not fetched: OVERLOADED", "learned a", "fetched again"]


async def test_the_server_is_waited_for_as_long_as_it_asks(build: Build) -> None:
    tokens = build(TokenServer(down(retry_after=20)))
    await failure_of(tokens.current())
    assert (await failure_of(tokens.current())).retry_after == pytest.approx(20)


async def test_a_first_waiter_who_leaves_takes_nobody_along(build: Build, now: Clock) -> None:
    server = TokenServer(Granted("a", HOUR))
    tokens = build(server)
    first, second = asyncio.ensure_future(tokens.current()), asyncio.ensure_future(tokens.current())
    await asyncio.sleep(0.5)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await second).text == "a"
    assert (server.fetches, server.open) == (2, 0)
    assert now() == pytest.approx(1.5)


async def test_a_waiter_in_the_middle_who_leaves_changes_nothing(build: Build) -> None:
    server = TokenServer(Granted("a", HOUR))
    tokens = build(server)
    callers = [asyncio.ensure_future(tokens.current()) for _ in range(3)]
    await asyncio.sleep(0.5)
    callers[1].cancel()
    assert (await callers[0]).text == (await callers[2]).text == "a"
    assert server.fetches == 1


async def test_it_is_renewed_before_it_expires_by_one_while_the_others_use_the_old_one(build: Build) -> None:
    server = TokenServer(Granted("a", HOUR), Granted("b", HOUR))
    tokens = build(server)
    await tokens.current()
    await asyncio.sleep(HOUR - 200)
    assert await texts(tokens, 10) == {"a", "b"}
    assert server.fetches == 2
    assert await texts(tokens, 10) == {"b"}


async def test_the_old_one_is_used_while_it_is_valid_and_the_server_is_down(build: Build, ear: Ear, now: Clock) -> None:
    server = TokenServer(Granted("a", HOUR), *[down()] * 6, Granted("b", HOUR), seconds=0.0)
    tokens = build(server)
    await tokens.current()
    await asyncio.sleep(HOUR - 300)
    outage = now()
    while server.takes and now() - outage < 290:
        token = await tokens.current()
        assert token.text == ("a" if server.takes else "b")
        await asyncio.sleep(0.1)
    assert server.fetches == 8
    assert now() - outage > 25, "it was asked again and again"
    assert ear == ["learned a", "not fetched: OVERLOADED", "learned b", "fetched again"]


async def test_once_it_has_expired_it_is_not_used(build: Build) -> None:
    tokens = build(TokenServer(Granted("a", 100), down(), seconds=0.0))
    await tokens.current()
    await asyncio.sleep(101)
    assert (await failure_of(tokens.current())).kind == pb.FAILURE_KIND_OVERLOADED


async def test_nobody_waits_long_for_a_new_one_while_the_old_one_would_do(build: Build, now: Clock) -> None:
    server = TokenServer(Granted("a", HOUR), Granted("too late", HOUR))
    tokens = build(server)
    await tokens.current()
    await asyncio.sleep(HOUR - 100)
    server.seconds = 1e6
    began = now()
    assert (await tokens.current()).text == "a"
    assert now() - began == pytest.approx(WHILE_VALID)
    assert server.open == 0


async def test_a_server_that_hangs_is_unreachable(build: Build, now: Clock) -> None:
    failure = await failure_of(build(TokenServer(Granted("too late", HOUR), seconds=1e6), timeout=3.0).current())
    assert (failure.kind, now()) == (pb.FAILURE_KIND_UNREACHABLE, 3.0)
    assert failure.detail == "no token from tokens.test within 3 s"


async def test_a_refused_token_is_dropped_once_for_all_who_had_it(build: Build) -> None:
    server = TokenServer(Granted("a", HOUR), Granted("b", HOUR))
    tokens = build(server)
    old = await tokens.current()
    await asyncio.sleep(YOUNG)
    assert all(tokens.refused(old) for _ in range(50))
    assert (await tokens.current()).text == "b"
    assert tokens.refused(old), "late news of the old one: the new one is there"
    assert (await tokens.current()).text == "b"
    assert server.fetches == 2


async def test_if_the_new_one_is_refused_too_tokens_are_not_what_is_missing(build: Build, ear: Ear) -> None:
    server = TokenServer(Granted("a", HOUR), Granted("b", HOUR), Granted("c", HOUR))
    tokens = build(server)
    assert tokens.refused(await tokens.current())
    assert not tokens.refused(await tokens.current())
    failure = await failure_of(tokens.current())
    assert (failure.kind, server.fetches) == (pb.FAILURE_KIND_BAD_CREDENTIALS, 2)
    await asyncio.sleep(failure.retry_after or 0)
    third = await tokens.current()
    assert not tokens.refused(third), "each round waits longer"
    assert (await failure_of(tokens.current())).retry_after == pytest.approx(1.0)
    assert ear.count("not fetched: BAD_CREDENTIALS") == 1


async def test_one_that_stood_in_and_worked_for_a_while_is_replaced_at_once_again(build: Build) -> None:
    tokens = build(TokenServer(*(Granted(text, HOUR) for text in "abc")))
    assert tokens.refused(await tokens.current())
    standing_in = await tokens.current()
    await asyncio.sleep(YOUNG)
    assert tokens.refused(standing_in)
    assert (await tokens.current()).text == "c"


async def test_one_that_was_refused_while_a_new_one_was_fetched_is_not_fallen_back_on(build: Build) -> None:
    server = TokenServer(Granted("a", HOUR), down())
    tokens = build(server)
    old = await tokens.current()
    await asyncio.sleep(HOUR - 100)
    renewing = asyncio.ensure_future(tokens.current())
    await asyncio.sleep(0.5)
    tokens.refused(old)
    assert (await failure_of(renewing)).kind == pb.FAILURE_KIND_OVERLOADED
