"""`ListModels` tells what every target of a route is known to do, and is told of like any other call."""

import grpc

from mainstay import ChatClient
from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from service.config import Settings
from service.version import VERSION
from tests.kit.log_schema import Schema
from tests.kit.service import serving, settings_for
from tests.kit.spans import SpanBook
from tests.kit.written import written

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
NAME = "mainstay.v1.ChatService/ListModels"


async def test_a_route_does_what_each_of_its_targets_is_known_to_do(nothing_left_open: None) -> None:
    address = {"protocol": "openai", "base_url": "http://127.0.0.1:9/v1", "auth": "none"}
    settings = Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s"},
            "providers": {"openai": address, "xai": address, "own": address},
            "routes": {
                "known": {"targets": ["openai/gpt-6-luna", "xai/grok-4.3"]},
                "partly": {"targets": ["openai/gpt-6-luna", "own/x"]},
            },
        }
    )
    async with serving(settings) as at, ChatClient(at) as client:
        known, partly = await client.list_models()

    assert (known.context_tokens, known.max_output_tokens) == (922_000, 128_000)
    assert known.tools
    assert known.images
    assert known.json_schema
    assert known.reasoning
    assert not partly.HasField("context_tokens")
    assert not partly.HasField("max_output_tokens")
    assert [partly.tools, partly.images, partly.json_schema, partly.reasoning] == 4 * [False]


async def test_it_is_a_line_in_the_log_a_span_and_three_trailers(spans: SpanBook, nothing_left_open: None) -> None:
    asked = (("x-request-id", "r-1"), ("mainstay-caller", "tester"), ("traceparent", f"00-{TRACE}-{CALLER}-01"))
    with written() as lines:
        async with (
            serving(settings_for("http://127.0.0.1:9/v1"), spans.tracer) as at,
            grpc.aio.insecure_channel(at) as channel,
        ):
            call = ChatServiceStub(channel).ListModels(pb.ListModelsRequest(), metadata=asked)
            assert [model.name for model in (await call).models] == ["default"]
            trailers = dict(await call.trailing_metadata())
    span = spans.named(NAME)

    assert trailers == {"x-request-id": "r-1", "mainstay-trace-id": TRACE, "mainstay-version": VERSION}
    (line,) = lines.of("call")
    assert list(Schema().wrongs(line)) == []
    about = ("level", "method", "caller", "model", "status", "request_id", "trace_id", "span_id")
    assert span.context is not None
    expected = ["info", "ListModels", "tester", "", "OK", "r-1", TRACE, f"{span.context.span_id:016x}"]
    assert [line[field] for field in about] == expected

    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == CALLER
    assert span.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": NAME,
        "rpc.response.status_code": "OK",
        "mainstay.request.id": "r-1",
        "mainstay.caller": "tester",
    }
