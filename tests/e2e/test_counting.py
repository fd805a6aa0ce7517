"""`CountTokens`: the size of a question for each target of a route, without asking anybody."""

import asyncio

import grpc
import pytest

from mainstay import ChatClient, InvalidRequest, MainstayError, NotFound, Reason, user
from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from service.config import Settings
from service.policies.tokens import of_request, weights_of
from service.version import VERSION
from tests.kit.log_schema import Schema
from tests.kit.service import Control, client_of, serving, settings_for
from tests.kit.spans import SpanBook
from tests.kit.written import written

NOWHERE = {"protocol": "openai", "base_url": "http://127.0.0.1:9/v1", "auth": "none"}
NAME = "mainstay.v1.ChatService/CountTokens"
QUESTION = pb.ChatRequest(model="default", messages=[user("What is a mainstay?")])


async def test_every_usable_target_of_a_route_has_its_own_count(nothing_left_open: None) -> None:
    settings = Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s"},
            "providers": {
                "openai": NOWHERE,
                "qwen": {**NOWHERE, "models": {"mine": {"context_tokens": 5000}}},
                "xai": {**NOWHERE, "enabled": False},
            },
            "routes": {"default": {"targets": ["openai/gpt-4.1", "xai/grok-4.3", "openai/gpt-6-luna", "qwen/mine"]}},
        }
    )
    async with serving(settings) as at, ChatClient(at) as client:
        counts = await client.count_tokens("What is a mainstay?", model="default")
        (straight,) = await client.count_tokens("What is a mainstay?", model="openai/gpt-6-luna")
    assert [count.target for count in counts] == ["openai/gpt-4.1", "openai/gpt-6-luna", "qwen/mine"]
    assert [count.exact for count in counts] == [True, False, False]
    assert [count.HasField("context_tokens") for count in counts] == [False, True, True]
    assert counts[2].context_tokens == 5000
    assert counts[0].input_tokens == 6 + 7
    assert counts[1].input_tokens == of_request(QUESTION)
    assert counts[2].input_tokens == of_request(QUESTION, weights_of("qwen/mine"))
    assert straight == counts[1]


async def test_pictures_have_no_count(simulator: str) -> None:
    async with client_of(simulator) as client:
        (count,) = await client.count_tokens(user("this?", pb.Part(image=pb.Media(url="https://x/y.png"))))
    assert not count.HasField("input_tokens")
    assert not count.exact


async def test_what_providers_count_corrects_the_estimate(simulator: str) -> None:
    question = "The mainstay keeps the mast up when the weather turns. " * 50
    async with client_of(simulator) as client:
        (before,) = await client.count_tokens(question)
        real = [(await client.chat(question)).usage.input_tokens for _ in range(4)][-1]
        await asyncio.sleep(0)
        (after,) = await client.count_tokens(question)
    assert abs(after.input_tokens - real) < abs(before.input_tokens - real)


async def test_no_provider_is_asked(simulator: str) -> None:
    async with client_of(simulator) as client:
        await client.count_tokens("hello")
    assert (await Control(simulator).seen())["requests"] == []


async def test_a_very_large_question_is_counted(simulator: str) -> None:
    async with client_of(simulator) as client:
        (count,) = await client.count_tokens("mast " * 1_000_000)
    assert count.input_tokens == pytest.approx(907_000, rel=0.01)


async def refusal_of(client: ChatClient, question: pb.ChatRequest) -> MainstayError:
    with pytest.raises(MainstayError) as caught:
        await client.count_tokens(question)
    return caught.value


async def test_the_same_rules_hold_as_for_a_chat(simulator: str) -> None:
    wrong = pb.ChatRequest(model="default", messages=[pb.Message(role=pb.ROLE_USER)], temperature=9)
    async with client_of(simulator) as client:
        failure = await refusal_of(client, wrong)
        unknown = await refusal_of(client, pb.ChatRequest(model="nobody", messages=QUESTION.messages))
    assert isinstance(failure, InvalidRequest)
    assert [violation.field for violation in failure.violations] == ["chat.messages[0].parts", "chat.temperature"]
    assert isinstance(unknown, NotFound)
    assert unknown.reason == Reason.MODEL_NOT_FOUND


@pytest.mark.parametrize(
    ("wire", "words"),
    [
        (b"", "chat is required"),
        (b"\xff\xff", "not a mainstay.v1.CountTokensRequest"),
        (pb.CountTokensRequest(chat=QUESTION).SerializeToString() + b"\x78\x01", "#15 is not known"),
    ],
    ids=["empty", "unreadable", "unknown field"],
)
async def test_what_is_no_question_is_refused(wire: bytes, words: str, simulator: str) -> None:
    async with serving(settings_for(simulator)) as at, grpc.aio.insecure_channel(at) as channel:
        call = channel.unary_unary(f"/{NAME}", request_serializer=bytes, response_deserializer=bytes)(wire)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert words in (caught.value.details() or "")


async def test_it_is_a_line_in_the_log_a_span_and_three_trailers(spans: SpanBook, nothing_left_open: None) -> None:
    asked = (("x-request-id", "r-1"), ("mainstay-caller", "tester"))
    with written() as lines:
        async with (
            serving(settings_for("http://127.0.0.1:9/v1"), spans.tracer) as at,
            grpc.aio.insecure_channel(at) as channel,
        ):
            call = ChatServiceStub(channel).CountTokens(pb.CountTokensRequest(chat=QUESTION), metadata=asked)
            assert len((await call).counts) == 1
            trailers = dict(await call.trailing_metadata())
    span = spans.named(NAME)
    assert trailers["x-request-id"] == "r-1"
    assert trailers["mainstay-version"] == VERSION
    (line,) = lines.of("call")
    assert list(Schema().wrongs(line)) == []
    about = ("level", "method", "caller", "model", "status", "request_id")
    assert [line[field] for field in about] == ["info", "CountTokens", "tester", "default", "OK", "r-1"]
    assert span.attributes is not None
    assert span.attributes["rpc.method"] == NAME
