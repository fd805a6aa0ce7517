"""A scripted server and a client of it."""

from collections.abc import AsyncIterator

import grpc
import pytest

from mainstay import ChatClient
from tests.client.scripted import Scripted, serve


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    scripted = Scripted()
    running = await serve(scripted)
    yield scripted
    await running.stop(0)


@pytest.fixture
async def client(server: Scripted) -> AsyncIterator[ChatClient]:
    async with ChatClient(server.target, caller="tests") as client:
        yield client


@pytest.fixture
async def garbage() -> AsyncIterator[str]:
    """The address of a gRPC server that answers with bytes which are no message of ours."""

    class Handler(grpc.GenericRpcHandler):  # type: ignore[type-arg, unused-ignore]
        def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
            if str(details.method).endswith("ChatStream"):
                return grpc.unary_stream_rpc_method_handler(stream)
            return grpc.unary_unary_rpc_method_handler(chat)

    async def chat(request: bytes, context: object) -> bytes:
        return b"\xff\xff\xff"

    async def stream(request: bytes, context: object) -> AsyncIterator[bytes]:
        yield b"\xff\xff\xff"

    running = grpc.aio.server()
    running.add_generic_rpc_handlers([Handler()])
    port = running.add_insecure_port("127.0.0.1:0")
    await running.start()
    yield f"127.0.0.1:{port}"
    await running.stop(0)
