"""A tool loop through the whole service: it stays with whoever began it, and goes on elsewhere if that one fails."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import orjson
import pytest

from mainstay import ChatClient, messages
from mainstay import v1 as pb
from service.config import Settings
from tests.kit.replay import Replayed, replaying
from tests.kit.service import serving

TOOL = pb.Tool(name="weather")
CALLED = {"id": "functions.weather:0", "type": "function", "function": {"name": "weather", "arguments": "{}"}}


def chat(message: object, finish: str) -> bytes:
    return orjson.dumps({"id": "r", "choices": [{"message": message, "finish_reason": finish}]})


CALLS = chat({"content": None, "tool_calls": [CALLED]}, "tool_calls")
SAYS = chat({"content": "It rains."}, "stop")
CLAUDE_SAYS = orjson.dumps({"content": [{"type": "text", "text": "It rains."}], "stop_reason": "end_turn"})


@dataclass
class Two:
    """A route to two providers; the first is called `one`, the second `two`."""

    client: ChatClient
    one: Replayed = field(default_factory=Replayed)
    two: Replayed = field(default_factory=Replayed)


@asynccontextmanager
async def two(protocol: str) -> AsyncIterator[Two]:
    """`one` speaks that protocol, `two` the openai protocol."""
    one, other = Replayed(), Replayed()
    async with AsyncExitStack() as opened:
        urls = [await opened.enter_async_context(replaying(each)) for each in (one, other)]
        settings = Settings.model_validate(
            {
                "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s"},
                "providers": {
                    "one": {"protocol": protocol, "base_url": urls[0], "auth": "none"},
                    "two": {"protocol": "openai", "base_url": urls[1], "auth": "none"},
                },
                "routes": {"default": {"targets": ["one/m", "two/m"], "max_attempts": 2}},
            }
        )
        address = await opened.enter_async_context(serving(settings))
        yield Two(await opened.enter_async_context(ChatClient(address)), one, other)


async def begun_by_two(route: Two, *, streamed: bool) -> list[pb.Message]:
    """A loop that fell to the second provider, with the result of its call."""
    route.one.status, route.two.body = 401, CALLS
    if streamed:
        async with route.client.stream("Rome?", tools=[TOOL]) as stream:
            async for _ in stream:
                pass
            answer = stream.response
    else:
        answer = await route.client.chat("Rome?", tools=[TOOL])
    assert answer.notice == "from another model: the first choice could not answer"
    (part,) = answer.message.parts
    assert part.provider_state == pb.ProviderState(issuer="two")
    assert part.tool_call.id == CALLED["id"]
    for provider in (route.one, route.two):
        provider.requests.clear()
    return [messages.user("Rome?"), answer.message, messages.tool_result(part.tool_call.id, "rain")]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_loop_stays_with_the_provider_that_began_it(*, streamed: bool) -> None:
    async with two("openai") as route:
        conversation = await begun_by_two(route, streamed=streamed)
        route.one.status, route.one.body, route.two.body = 200, SAYS, SAYS
        answer = await route.client.chat(conversation, tools=[TOOL])
        assert (len(route.one.requests), len(route.two.requests)) == (0, 1)
        assert (answer.notice, answer.provenance.provider) == ("", "two")
        await route.client.chat([*conversation, answer.message, messages.user("And now?")], tools=[TOOL])
        assert (len(route.one.requests), len(route.two.requests)) == (1, 1)


async def test_a_loop_goes_on_elsewhere_if_its_provider_fails() -> None:
    async with two("anthropic") as route:
        conversation = await begun_by_two(route, streamed=False)
        route.one.status, route.one.body, route.two.status = 200, CLAUDE_SAYS, 401
        answer = await route.client.chat(conversation, tools=[TOOL])
    assert [attempt.provider for attempt in answer.provenance.attempts] == ["two", "one"]
    assert answer.notice == "from another model: the first choice could not answer"
    _, called, result = orjson.loads(route.one.requests[0])["messages"]
    assert [block["id"] for block in called["content"]] == ["functions_weather_0"]
    assert [block["tool_use_id"] for block in result["content"]] == ["functions_weather_0"]
    assert [change.field for change in answer.adjustments] == ["messages[1].parts[0].tool_call.id"]


async def test_a_caller_that_forgets_the_result_is_told_which() -> None:
    async with two("openai") as route:
        conversation = await begun_by_two(route, streamed=False)
        with pytest.raises(Exception, match=r"messages\[1\]\.parts\[0\]\.tool_call: wants a result") as caught:
            await route.client.chat(conversation[:2], tools=[TOOL])
        assert caught.value.reason == "INVALID_REQUEST"  # type: ignore[attr-defined]
        assert route.one.requests == route.two.requests == []
