"""Calls to Mainstay, for asyncio programs."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar, Unpack
from weakref import WeakSet

import grpc.aio

from mainstay import defaults
from mainstay import v1 as pb
from mainstay.channel import Option, open_channel
from mainstay.errors import MainstayError
from mainstay.messages import Question, RequestFields, request_of, restartable
from mainstay.outcome import translated
from mainstay.stream import ChatStream
from mainstay.v1.chat_pb2_grpc import ChatServiceStub

if TYPE_CHECKING:
    from mainstay.v1.chat_pb2_grpc import ChatServiceAsyncStub

T = TypeVar("T")


class ChatClient:
    """A connection to Mainstay, shared by any number of calls at a time. Use `async with`, or `close` it.

    `timeout` is in seconds, for all calls that bring none; without it they have 120 s (chat), 600 s (stream)
    and 10 s (count_tokens, list_models). There is no way to wait for ever. `caller` names this program to Mainstay.
    `metadata` goes along with every call, and a call's own goes on top: a `traceparent` there continues the
    caller's trace. `options` are channel arguments of gRPC.
    """

    def __init__(  # as many as there are independent facts about a connection
        self,
        target: str = defaults.TARGET,
        *,
        caller: str | None = None,
        timeout: float | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        metadata: Mapping[str, str] | None = None,
        options: Sequence[Option] = (),
    ) -> None:
        self._target = target
        self._timeout = timeout
        self._credentials = credentials
        self._metadata = dict(metadata or {}) | ({"mainstay-caller": caller} if caller else {})
        self._options = options
        self._channel: grpc.aio.Channel | None = None
        self._streams = WeakSet[ChatStream]()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Hangs up. Calls still under way raise Cancelled."""
        self._closed = True
        for stream in list(self._streams):  # older grpcio only finds those that a task is waiting for just now
            stream.cancel()
        if self._channel is not None:
            await self._channel.close(None)

    async def chat(
        self,
        question: Question,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - it goes to the server as the call's deadline
        metadata: Mapping[str, str] | None = None,
        **fields: Unpack[RequestFields],
    ) -> pb.ChatResponse:
        """The answer in one piece. `model` is "default" unless given. Raises MainstayError."""
        call = self._stub().Chat(
            request_of(question, fields),
            timeout=self._seconds(timeout, defaults.CHAT_TIMEOUT),
            metadata=self._headers(metadata),
        )
        with translated(self._target):
            return _readable(await call)

    def stream(
        self,
        question: Question,
        *,
        timeout: float | None = None,
        metadata: Mapping[str, str] | None = None,
        **fields: Unpack[RequestFields],
    ) -> ChatStream:
        """The answer as it comes: `async with client.stream("…") as stream`. The block begins the call.

        If its stream breaks the answer may begin anew (RECOVERY_RESTART), unless `policy.recovery` says otherwise.
        """
        request = restartable(request_of(question, fields))
        seconds, headers = self._seconds(timeout, defaults.STREAM_TIMEOUT), self._headers(metadata)
        stream = ChatStream(lambda: self._stub().ChatStream(request, timeout=seconds, metadata=headers), self._target)
        self._streams.add(stream)
        return stream

    async def count_tokens(
        self,
        question: Question,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - as above
        metadata: Mapping[str, str] | None = None,
        **fields: Unpack[RequestFields],
    ) -> list[pb.TokenCount]:
        """The tokens of a question, for each target that it could go to. Nobody is asked. Raises MainstayError."""
        call = self._stub().CountTokens(
            pb.CountTokensRequest(chat=request_of(question, fields)),
            timeout=self._seconds(timeout, defaults.COUNT_TIMEOUT),
            metadata=self._headers(metadata),
        )
        with translated(self._target):
            return list(_readable(await call).counts)

    async def list_models(self, *, timeout: float | None = None) -> list[pb.Model]:  # noqa: ASYNC109 - as above
        """The routes, each a name for `model`, and what stands behind them. Raises MainstayError."""
        call = self._stub().ListModels(
            pb.ListModelsRequest(),
            timeout=self._seconds(timeout, defaults.LIST_TIMEOUT),
            metadata=self._headers(None),
        )
        with translated(self._target):
            return list(_readable(await call).models)

    def _stub(self) -> "ChatServiceAsyncStub":
        if self._closed:
            raise RuntimeError("this ChatClient is closed")
        if self._channel is None:  # only now: a channel belongs to the event loop that runs when it is made
            self._channel = open_channel(self._target, self._credentials, self._options)
        return ChatServiceStub(self._channel)

    def _seconds(self, timeout: float | None, default: float) -> float:
        if timeout is not None:
            return timeout
        return default if self._timeout is None else self._timeout

    def _headers(self, metadata: Mapping[str, str] | None) -> list[tuple[str, str]]:
        merged = self._metadata | dict(metadata or {})
        return [(name.lower(), value) for name, value in merged.items()]  # gRPC refuses capitals


def _readable(answer: T | None) -> T:
    if answer is None:  # gRPC logs what it cannot parse and hands out None
        raise MainstayError("the answer could not be read", code=grpc.StatusCode.INTERNAL)
    return answer
