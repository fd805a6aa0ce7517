"""The gRPC server: what it offers beside chat, and its bounds.

start ──▶ SERVING, or NOT_SERVING if no target can be asked
  │
stop ───▶ NOT_SERVING ──▶ drain: open calls go on, for `grace` seconds at most ──▶ closed
"""

import os
import socket
from dataclasses import dataclass
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from mainstay import v1 as pb
from mainstay.v1 import chat_pb2
from service.rpc import limits
from service.rpc.door import read, read_count
from service.rpc.drain import Stage
from service.rpc.servicer import ChatServicer

NAME = chat_pb2.DESCRIPTOR.services_by_name["ChatService"].full_name
ANSWER_BYTES = 64 * 1024 * 1024
METADATA_BYTES = 16 * 1024
LAST_SECONDS = 1.0
"""For the last words of calls that were told to end. Who has not read them by then only sees the connection close."""


class CannotListen(OSError):
    """The address is taken, or is none of this machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """Where the server listens, and its switches; times in seconds."""

    address: str
    reflection: bool = True
    max_concurrent_streams: int = 1000
    notice: float = 1.0
    grace: float = 10.0


class Server:
    """Serves chat, health and, if switched on, reflection."""

    def __init__(self, servicer: ChatServicer, options: ServerOptions) -> None:
        self._options = options
        self._drain = servicer.drain
        self._listens = False
        self._health = health.aio.HealthServicer()
        self._server = grpc.aio.server(options=_channel_options(options))
        self._server.add_generic_rpc_handlers((_handlers(servicer),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if options.reflection:
            names = (NAME, health.SERVICE_NAME, reflection.SERVICE_NAME)
            reflection.enable_server_reflection(names, self._server)

    async def start(self, *, serving: bool) -> int:
        """Listens, and says through health whether calls can be answered. Returns the port. Raises CannotListen."""
        await self._tell(serving=serving)
        address = self._options.address
        # Before gRPC tries: its own error does not tell why, and its C core writes one of its own to standard error.
        if (why := _why_not(address)) is not None:
            raise CannotListen(_cannot(address, why))
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise CannotListen(_cannot(address, _why_not(address) or "gRPC does not say why")) from error
        await self._server.start()
        self._listens = True
        return port

    @property
    def closed(self) -> str | None:
        """Why no new calls should come; None: they are let in."""
        if not self._listens:
            return "starting"
        return None if self._drain.stage is Stage.SERVING else "draining"

    async def stop(self) -> None:
        """Drains: who is open when the grace ends hears that it is to ask again."""
        await self._tell(serving=False)
        await self._drain.run(notice=self._options.notice, grace=self._options.grace)
        await self._server.stop(LAST_SECONDS)

    async def _tell(self, *, serving: bool) -> None:
        states = health_pb2.HealthCheckResponse
        for name in ("", NAME):
            await self._health.set(name, states.SERVING if serving else states.NOT_SERVING)


def _handlers(servicer: ChatServicer) -> grpc.GenericRpcHandler:
    """As the generated code would register them, but for requests that cannot be read: those are told so."""
    answer, event, counts, models = (
        message.SerializeToString
        for message in (pb.ChatResponse, pb.ChatEvent, pb.CountTokensResponse, pb.ListModelsResponse)
    )
    rpcs: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "Chat": grpc.unary_unary_rpc_method_handler(servicer.Chat, read, answer),
        "ChatStream": grpc.unary_stream_rpc_method_handler(servicer.ChatStream, read, event),
        "CountTokens": grpc.unary_unary_rpc_method_handler(servicer.CountTokens, read_count, counts),
        "ListModels": grpc.unary_unary_rpc_method_handler(servicer.ListModels, pb.ListModelsRequest.FromString, models),
    }
    return grpc.method_handlers_generic_handler(NAME, rpcs)


def _cannot(address: str, why: str) -> str:
    return f"cannot listen on {address} (server.address; set MAINSTAY__SERVER__ADDRESS to listen elsewhere): {why}"


def _why_not(address: str) -> str | None:
    """Why nobody can listen there, in the system's words. None: somebody can, or gRPC has to find out."""
    host, _, port = address.rpartition(":")
    why = None
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return None
    for family, _, _, _, where in found:
        try:
            both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
            socket.create_server(where[:2], family=family, dualstack_ipv6=both).close()
        except OSError as error:
            why = os.strerror(error.errno).lower() if error.errno else str(error)
        else:
            return None
    return why


def _channel_options(options: ServerOptions) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", limits.REQUEST_BYTES),
        ("grpc.max_send_message_length", ANSWER_BYTES),
        ("grpc.max_metadata_size", METADATA_BYTES),
        # More calls than this on one connection wait in the client: it then opens another, or should.
        ("grpc.max_concurrent_streams", options.max_concurrent_streams),
        # Finds clients that vanished without a word, so that their calls stop costing money.
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        # Lets clients ping as often as every 10 s, also while they wait for a slow model.
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        # A second server on the same port is a mistake until worker processes ask for it.
        ("grpc.so_reuseport", 0),
    ]
