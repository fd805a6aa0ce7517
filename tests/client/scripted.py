"""A real gRPC server whose every answer is scripted by the test."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc.aio
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped, unused-ignore]

from mainstay import ChatStream
from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceServicer, add_ChatServiceServicer_to_server

Context = grpc.aio.ServicerContext[Any, Any]
Script = Callable[[pb.ChatRequest, Context], Awaitable[Any]]


@dataclass
class Seen:
    """A call as the server saw it."""

    request: Any
    metadata: Mapping[str, str | bytes]
    seconds_left: float | None


@dataclass
class Scripted(ChatServiceServicer):
    """Plays one script for every call and remembers the calls."""

    script: Script | None = None
    stream_script: Script | None = None  # where a test makes calls of both kinds
    models: list[pb.Model] = field(default_factory=list)
    counts: list[pb.TokenCount] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    target: str = ""

    async def Chat(self, request: pb.ChatRequest, context: Context) -> pb.ChatResponse:
        response: pb.ChatResponse = await self._play(self.script, request, context)
        return response

    async def ChatStream(self, request: pb.ChatRequest, context: Context) -> None:  # type: ignore[override]
        await self._play(self.stream_script or self.script, request, context)

    async def ListModels(self, request: pb.ListModelsRequest, context: Context) -> pb.ListModelsResponse:
        self._see(request, context)
        return pb.ListModelsResponse(models=self.models)

    async def CountTokens(self, request: pb.CountTokensRequest, context: Context) -> pb.CountTokensResponse:
        self._see(request, context)
        return pb.CountTokensResponse(counts=self.counts)

    async def _play(self, script: Script | None, request: pb.ChatRequest, context: Context) -> Any:
        self._see(request, context)
        assert script is not None, "the test has no script for this call"
        try:
            answer = await script(request, context)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        self.finished.set()
        return answer

    def _see(self, request: Any, context: Context) -> None:
        self.called.set()
        self.seen.append(Seen(request, dict(iter(context.invocation_metadata() or ())), context.time_remaining()))


async def serve(scripted: Scripted) -> grpc.aio.Server:
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 33 << 20)])
    add_ChatServiceServicer_to_server(scripted, server)
    scripted.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    return server


async def drain(stream: ChatStream) -> None:
    """Reads a stream to its end."""
    async for _ in stream:
        pass


def numbered(*events: pb.ChatEvent) -> list[pb.ChatEvent]:
    """The events with the sequence that a server gives them."""
    sequence = 0
    for event in events:
        if not event.HasField("heartbeat"):
            sequence += 1
            event.sequence = sequence
    return list(events)


def answers(response: pb.ChatResponse) -> Script:
    """A unary call's answer."""

    async def script(request: pb.ChatRequest, context: Context) -> pb.ChatResponse:
        return response

    return script


def streams(*events: pb.ChatEvent, trailers: Mapping[str, str] | None = None) -> Script:
    """A stream of exactly these events."""

    async def script(request: pb.ChatRequest, context: Context) -> None:
        for event in events:
            await context.write(event)
        context.set_trailing_metadata(tuple((trailers or {}).items()))

    return script


def streams_and_hangs(*events: pb.ChatEvent) -> Script:
    """A stream that falls silent after these events."""

    async def script(request: pb.ChatRequest, context: Context) -> None:
        await streams(*events)(request, context)
        await asyncio.Event().wait()

    return script


def fails(
    code: grpc.StatusCode, message: str = "", *details: Message, trailers: Mapping[str, str] | None = None
) -> Script:
    """A failure with these details, as the service sends it."""
    status = Status(code=code.value[0], message=message)
    for detail in details:
        packed = Packed()
        packed.Pack(detail)
        status.details.append(packed)

    async def script(request: pb.ChatRequest, context: Context) -> None:
        metadata: list[tuple[str, str | bytes]] = list((trailers or {}).items())
        if details:
            metadata.append(("grpc-status-details-bin", status.SerializeToString()))
        await context.abort(code, message, tuple(metadata))

    return script


def then(first: Script, second: Script) -> Script:
    """One script after the other on the same call."""

    async def script(request: pb.ChatRequest, context: Context) -> Any:
        await first(request, context)
        return await second(request, context)

    return script


def started(provider: str = "acme", model: str = "large") -> pb.ChatEvent:
    return pb.ChatEvent(started=pb.Started(id="call-1", source=pb.SOURCE_MODEL, provider=provider, model=model))


def text(words: str, part: int = 0) -> pb.ChatEvent:
    return pb.ChatEvent(text_delta=pb.TextDelta(part=part, text=words))


def reasoning(words: str, part: int = 0) -> pb.ChatEvent:
    return pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=part, text=words))


def tool_call(arguments: str, part: int = 0, id: str = "", name: str = "") -> pb.ChatEvent:
    return pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=part, id=id, name=name, arguments_json=arguments))


def reset(mode: pb.ResetMode.ValueType) -> pb.ChatEvent:
    return pb.ChatEvent(
        attempt_reset=pb.AttemptReset(mode=mode, reason=pb.FAILURE_KIND_CUT_OFF, provider="other", model="small")
    )


def heartbeat() -> pb.ChatEvent:
    return pb.ChatEvent(heartbeat=pb.Heartbeat())


def completed() -> pb.ChatEvent:
    return pb.ChatEvent(completed=answer())


def answer(words: str = "") -> pb.ChatResponse:
    """A good answer; without `words` as `completed` brings it, which is without a message."""
    response = pb.ChatResponse(
        id="call-1",
        finish_reason=pb.FINISH_REASON_STOP,
        source=pb.SOURCE_MODEL,
        usage=pb.Usage(input_tokens=12, output_tokens=34),
        provenance=pb.Provenance(
            route="default",
            provider="acme",
            model="large",
            trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
            cost_nano_usd=36_500,
            attempts=[
                pb.Attempt(
                    number=1,
                    provider="acme",
                    model="large",
                    cause=pb.ATTEMPT_CAUSE_FIRST,
                    outcome=pb.ATTEMPT_OUTCOME_ANSWERED,
                )
            ],
        ),
    )
    response.provenance.elapsed.FromMilliseconds(1530)
    response.provenance.time_to_first_token.FromMilliseconds(420)
    if words:
        response.message.role = pb.ROLE_ASSISTANT
        response.message.parts.add(text=words)
    return response
