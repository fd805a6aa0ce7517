"""The service in front of a real LiteLLM proxy: what its answers and its errors come out as. `make litellm` runs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mainstay import ChatClient, MainstayError, text_of
from mainstay import v1 as pb
from service.config import Settings
from service.providers.catalog import ROWS
from tests.docs import shell
from tests.docs.how_to import assert_does_what_it_says
from tests.docs.tables import DOCS
from tests.kit.service import Control, serving
from tests.slow.proxy import MASTER_KEY, Stage, staged

TOOL = pb.Tool(
    name="weather", parameters_json='{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
)
SAID = "A mainstay holds the mast."


@pytest.fixture(scope="module")
async def stage(anyio_backend: object, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with staged(tmp_path_factory.mktemp("litellm")) as stage:
        yield stage


@pytest.fixture
async def behind(stage: Stage, nothing_left_open: None) -> AsyncIterator[Control]:
    """The simulator, which does what it is told in this test only."""
    control = Control(stage.simulator)
    yield control
    await control.fail("delay(0)")


@asynccontextmanager
async def asking(stage: Stage, key: str = MASTER_KEY) -> AsyncIterator[ChatClient]:
    row = ROWS["litellm"]
    provider = {"protocol": row.protocol, "auth": row.auth, "base_url": stage.url, "api_key": key}
    settings = Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s"},
            "providers": {"litellm": provider},
            "routes": {"default": {"targets": ["litellm/mock"]}},
        }
    )
    async with serving(settings) as address, ChatClient(address) as client:
        yield client


async def failed(client: ChatClient, model: str, *, streamed: bool = False, **fields: Any) -> MainstayError:
    """How the call fails."""
    with pytest.raises(MainstayError) as caught:
        if streamed:
            async with client.stream("What is a mainstay?", model=f"litellm/{model}", **fields) as stream:
                async for _ in stream:
                    pass
        else:
            await client.chat("What is a mainstay?", model=f"litellm/{model}", **fields)
    return caught.value


def first_attempt(error: MainstayError) -> pb.Attempt:
    assert error.call_failure is not None
    return error.call_failure.provenance.attempts[0]


async def test_a_question_is_answered_whole_and_streamed(stage: Stage) -> None:
    async with asking(stage) as client:
        answer = await client.chat("What is a mainstay?", model="litellm/mock")
        async with client.stream("What is a mainstay?", model="litellm/mock") as stream:
            pieces = [event.text_delta.text async for event in stream if event.HasField("text_delta")]
    assert text_of(answer) == text_of(stream.response) == "".join(pieces) == SAID
    for said in (answer, stream.response):
        assert said.finish_reason == pb.FINISH_REASON_STOP
        assert said.usage.input_tokens > 0
        assert said.usage.output_tokens > 0
        assert not said.adjustments
        (attempt,) = said.provenance.attempts
        assert len(attempt.provider_request_id) == 36, "not the id by which its operator finds the call"


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_tool_is_called_through_it(stage: Stage, *, streamed: bool) -> None:
    choice = pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED)
    fields: Any = {"model": "litellm/simulated", "tools": [TOOL], "tool_choice": choice}
    async with asking(stage) as client:
        if streamed:
            async with client.stream("Rome?", **fields) as stream:
                async for _ in stream:
                    pass
            answer = stream.response
        else:
            answer = await client.chat("Rome?", **fields)
    (part,) = answer.message.parts
    assert (part.tool_call.name, part.tool_call.arguments_json) == ("weather", '{"city":"simulated city"}')
    assert answer.finish_reason == pb.FINISH_REASON_TOOL_CALLS


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("nobody-has-it", "MODEL_NOT_FOUND"),
        ("limited", "RATE_LIMITED"),
        ("broken", "OVERLOADED"),
        ("unreachable", "OVERLOADED"),
        ("slow", "OVERLOADED"),
        ("long", "CONTEXT_TOO_LONG"),
        ("locked", "PERMISSION"),
    ],
)
async def test_an_error_is_of_its_kind(stage: Stage, model: str, reason: str, *, streamed: bool) -> None:
    async with asking(stage) as client:
        error = await failed(client, model, streamed=streamed)
    assert error.reason == reason
    assert len(first_attempt(error).provider_request_id) == 36


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_key_that_is_not_the_proxys_is_a_bad_credential(stage: Stage, *, streamed: bool) -> None:
    async with asking(stage, "sk-of-nobody-5678") as client:
        error = await failed(client, "mock", streamed=streamed)
    assert error.reason == "BAD_CREDENTIALS"
    assert "5678" not in f"{error} {error.call_failure}"


async def test_a_wrong_key_behind_the_proxy_does_not_shut_out_its_other_models(stage: Stage) -> None:
    async with asking(stage) as client:
        error = await failed(client, "locked")
        answer = await client.chat("What is a mainstay?", model="litellm/mock")
    assert (error.reason, text_of(answer)) == ("PERMISSION", SAID)


async def test_what_a_model_behind_it_does_not_take_is_our_fault_and_not_the_callers(stage: Stage) -> None:
    options = {"litellm": '{"reasoning_effort": "high"}'}
    async with asking(stage) as client:
        error = await failed(client, "mock", provider_options=options)
    assert error.reason == "REJECTED_PARAMETER"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("status(400)", "INVALID_REQUEST"),
        ("status(402)", "QUOTA_EXHAUSTED"),
        ("status(403)", "PERMISSION"),
        ("status(404)", "MODEL_NOT_FOUND"),
        ("status(429,retry-after=7)", "RATE_LIMITED"),
        ("status(500)", "OVERLOADED"),
        ("status(503)", "OVERLOADED"),
        ("reset", "OVERLOADED"),
    ],
)
async def test_an_error_of_the_vendor_behind_it_keeps_its_kind(
    stage: Stage, behind: Control, fault: str, reason: str
) -> None:
    await behind.fail(fault)
    async with asking(stage) as client:
        error = await failed(client, "simulated")
    assert error.reason == reason
    if "retry-after" in fault:
        assert error.retry_after == pytest.approx(7, abs=1)


@pytest.mark.parametrize("fault", ["cut(4)", "errorevent(4)", "malformed(4)"])
async def test_a_stream_that_breaks_behind_it_is_told_as_broken(stage: Stage, behind: Control, fault: str) -> None:
    await behind.fail(fault)
    async with asking(stage) as client:
        error = await failed(client, "simulated", streamed=True)
    assert error.reason == "OVERLOADED"


def test_the_page_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "SECONDS", 200.0)  # a real proxy takes its time
    page = tmp_path / "use-litellm.md"
    page.write_text((DOCS / "how-to" / page.name).read_text("utf-8").replace("```sh with-litellm\n", "```sh\n"))
    assert_does_what_it_says(page, tmp_path)
