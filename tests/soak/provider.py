"""`python -m tests.soak.provider PORT`: a cheap provider whose models are named for what goes wrong with them.

SIGUSR1 makes it hang up on everybody, so that whoever holds a connection without a reason is found out.
"""

import asyncio
import json
import re
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import cast

import uvloop

CHUNKS = 20
TOKEN = "token %03d of a text "
TEXT = "".join(TOKEN % number for number in range(CHUNKS))
PACE = 0.02
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_MODEL = re.compile(rb'"model": *"([a-z0-9-]+)"')
_USAGE = {"prompt_tokens": 19, "completion_tokens": CHUNKS, "total_tokens": 19 + CHUNKS}
_ABOUT = {"id": "chatcmpl-1", "created": 1790000000, "model": "soak"}


def _response(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _event(delta: Mapping[str, str], finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _chunk({**_ABOUT, "object": "chat.completion.chunk", "choices": [choice], **more})


def _chunk(event: Mapping[str, object] | None) -> bytes:
    line = b"data: %s\n\n" % (json.dumps(event).encode() if event else b"[DONE]")
    return b"%x\r\n%s\r\n" % (len(line), line)


_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_FIRST = _event({"role": "assistant", "content": ""})
_TOKENS = [_event({"content": TOKEN % number}) for number in range(CHUNKS)]
_END = _event({}, "stop", usage=_USAGE) + _chunk(None) + b"0\r\n\r\n"
_STREAM = _HEAD + _FIRST + b"".join(_TOKENS) + _END
_MESSAGE = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
_WHOLE = _response(
    "200 OK",
    json.dumps({**_ABOUT, "object": "chat.completion", "choices": [_MESSAGE], "usage": _USAGE}).encode(),
)
_ERROR = json.dumps({"error": {"message": "as it was told to", "type": "server_error", "code": None}}).encode()


class Connection(asyncio.Protocol):
    """One request at a time, as it comes."""

    def __init__(self, open_now: "set[Connection]") -> None:
        self._open_now = open_now
        self._received = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one, but not by inheritance
        self._open_now.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_now.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        self._received = body[int(length[1]) :]
        model = _MODEL.search(body)
        manner = _MANNERS.get(model[1].decode() if model else "", Connection.answers)
        manner(self, b'"stream":true' in body)

    def answers(self, streamed: bool) -> None:
        """As it should."""
        self.transport.write(_STREAM if streamed else _WHOLE)

    def fails(self, streamed: bool) -> None:
        """With a 500."""
        self.transport.write(_response("500 Internal Server Error", _ERROR))

    def limits(self, streamed: bool) -> None:
        """With a 429 for longer than anybody would wait."""
        self.transport.write(_response("429 Too Many Requests", _ERROR, "retry-after: 600"))

    def cuts(self, streamed: bool) -> None:
        """Hangs up in mid-answer."""
        self.transport.write(_HEAD + _FIRST + b"".join(_TOKENS[:3]))
        self.transport.close()

    def babbles(self, streamed: bool) -> None:
        """With what is no JSON."""
        self.transport.write(_response("200 OK", b'{"choices": [{'))

    def dawdles(self, streamed: bool) -> None:
        """Not at all, until the other side hangs up."""

    def drips(self, streamed: bool) -> None:
        """A token now and then, without an end."""
        self.transport.write(_HEAD + _FIRST)
        self._drip()

    def _drip(self) -> None:
        self.transport.write(_TOKENS[0])
        self._timer = asyncio.get_running_loop().call_later(PACE, self._drip)


_MANNERS: Mapping[str, Callable[[Connection, bool], None]] = {
    "fails": Connection.fails,
    "fails-too": Connection.fails,
    "limits": Connection.limits,
    "cuts": Connection.cuts,
    "babbles": Connection.babbles,
    "dawdles": Connection.dawdles,
    "drips": Connection.drips,
}


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    open_now = set[Connection]()
    loop.add_signal_handler(signal.SIGUSR1, partial(_hang_up, open_now))
    server = await loop.create_server(lambda: Connection(open_now), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def _hang_up(open_now: set[Connection]) -> None:
    for connection in list(open_now):
        connection.transport.close()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
