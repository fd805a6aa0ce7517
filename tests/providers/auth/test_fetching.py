"""Asking a token server over real sockets: what goes wrong on the way is a failure that repeats nothing."""

import ssl
from typing import Any

import pytest

from mainstay import v1 as pb
from service.providers.auth import Grant, fetched
from service.providers.auth.fetching import MOST_BYTES
from service.providers.http import Connecting, Http
from tests.kit.replay import Replayed, replaying
from tests.kit.replies import failure_of

CANARY = "Canary7Secret7Topaz"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Real time: the sockets are real."""
    return "asyncio", {"use_uvloop": True}


async def ask(server: Replayed, **grant: Any) -> Any:
    async with replaying(server) as url, Http(Connecting(ssl.create_default_context())) as http:
        return await fetched(Grant(url=url, client_id="me", client_secret=CANARY, **grant), http, 5.0)


async def test_a_token_comes_back() -> None:
    assert await ask(Replayed(body=b'{"access_token":"t","expires_in":60}')) == ("t", 60)


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        (Replayed(status=0), pb.FAILURE_KIND_UNREACHABLE),
        (Replayed(body=b'{"access_token":"t"', tears=True), pb.FAILURE_KIND_CUT_OFF),
        (Replayed(body=b'{"x":"' + b"x" * MOST_BYTES + b'"}'), pb.FAILURE_KIND_MALFORMED),
        (Replayed(headers={"content-encoding": CANARY}), pb.FAILURE_KIND_MALFORMED),
        (Replayed(status=302, headers={"location": "http://127.0.0.1:1/"}), pb.FAILURE_KIND_BAD_CREDENTIALS),
        (Replayed(status=500, body=CANARY.encode()), pb.FAILURE_KIND_OVERLOADED),
    ],
)
@pytest.mark.parametrize("send_as", ["form", "query"])
async def test_what_is_no_token_is_a_failure(server: Replayed, kind: pb.FailureKind.ValueType, send_as: str) -> None:
    failure = await failure_of(ask(server, send_as=send_as))
    assert failure.kind == kind
    assert failure.detail.startswith("no token")
    assert "anary" not in failure.detail
