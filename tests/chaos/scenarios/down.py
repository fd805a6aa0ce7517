"""M03: every target is down. TCP resets, because after them the code waits least (0.2 s, 0.4 s): scale 1."""

import json
from collections.abc import Iterable
from typing import cast

import grpc.aio

from mainstay import from_rpc, user
from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from tests.chaos.baseline import TOTAL
from tests.chaos.expect import Unmet, expect, expect_that
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import Scenario
from tests.chaos.seen import Seen
from tests.chaos.stage import QUESTION, Stage

ALL_DOWN = ["primary UNREACHABLE"] * 3 + ["secondary UNREACHABLE"] * 2
STOCK_RETRIES = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 5,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}


def _says_so(seen: Seen) -> None:
    expect_that(bool(seen.answer.notice), "the answer does not say to people what it is")
    expect_that(bool(seen.text), "the answer has no text")


async def _told_once(stage: Stage) -> None:
    """A stock gRPC client that would try five times: what the providers got must be one call's attempts."""
    await stage.break_with(primary="reset", secondary="reset")
    error = await _stock_call(stage)
    seen = Seen(seconds=0.0, error=from_rpc(error, stage.house.service.address))
    stage.tell_of(seen)
    expect("the caller saw", seen.phrase, "UNAVAILABLE UNREACHABLE")
    expect("attempts", seen.attempts, ALL_DOWN)
    await stage.expect_the_truth(seen)  # five requests in all: the client called once
    trailers = dict(cast("Iterable[tuple[str, str]]", error.trailing_metadata()))  # the stubs know only the other kind
    expect("the pushback", trailers.get("grpc-retry-pushback-ms"), "-1")


async def _stock_call(stage: Stage) -> grpc.aio.AioRpcError:
    """How the call failed. Raises Unmet."""
    request = pb.ChatRequest(model=stage.name, messages=[user(QUESTION)])
    request.policy.allow_degraded = False
    options = [("grpc.service_config", json.dumps(STOCK_RETRIES)), ("grpc.enable_retries", 1)]
    async with grpc.aio.insecure_channel(stage.house.service.address, options=options) as channel:
        stub = ChatServiceStub(channel)
        try:
            if stage.streamed:
                async for _ in stub.ChatStream(request, timeout=TOTAL):
                    pass
            else:
                await stub.Chat(request, timeout=TOTAL)
        except grpc.aio.AioRpcError as error:
            return error
        raise Unmet("the call was answered, with every provider down and rules forbidden")


SCENARIOS = [
    Scenario(
        key="m03",
        does="every target is down",
        play=OneCall(primary="reset", secondary="reset", sees="rule answer", attempts=ALL_DOWN, check=_says_so),
    ),
    Scenario(key="m03-forbidden", does="the same, rules forbidden, gRPC would retry", play=_told_once),
]
