"""An answer as its bytes arrive: llhttp's parser with what it leaves open decided. No I/O.

- However the bytes are cut into reads, the answer is the same.
- An interim answer (1xx) is passed over; 101 was not asked for and is wrong.
- Heads, interim ones included, have 64 KiB; so has whatever else comes in a row without being body.
- The end is a length reached, a last chunk, or, where neither was announced, the peer's. A body that ends before that
  is lost; one that is framed wrongly is wrong. Both after the bytes that came were taken.
- What follows the end in the same bytes is no part of the answer, and spoils the connection.
"""

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from service.providers.http.headers import Headers

HEAD_BYTES = 64 * 1024


class Incoming:
    """One answer. A new one for each request, so that no state of the parser outlives the answer."""

    def __init__(self) -> None:
        self.status = 0
        """Of the final answer; 0 until its head is here."""
        self.headers = Headers(())
        self.came = False
        """A byte arrived."""
        self.unread = 0
        """Bytes that arrived since the last `take`, framing included."""
        self.over = False
        """Nothing more comes: `done`, `wrong` or `lost` says why."""
        self.done = False
        self.wrong = ""
        self.lost = ""
        self.keeps = False
        """The peer will take another request after this one."""
        self._lines: list[tuple[bytes, bytes]] = []
        self._chunks: list[bytes] = []
        self._barren = 0
        self._until_close = False
        self.on_body = self._chunks.append  # not a method: 200 chunks in a read are 200 calls
        self._parser: HttpResponseParser | None = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True)

    # What the connection tells.

    def feed(self, data: bytes) -> None:
        """Bytes arrived. Not to be called once it is over."""
        self.came = True
        self.unread += len(data)
        try:
            self._parse(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self.keeps = False
            if not self.done:
                self._end(wrong=self.wrong or str(error) or "it changes the protocol")
        if self.done:
            self._end()

    def eof(self) -> None:
        """The peer says that nothing more comes."""
        if self._until_close and not self.over:
            self.done = True
            self._end()

    def lose(self, why: str) -> None:
        """The connection is gone."""
        if not self.over:
            self._end(lost=why)

    # What the reader asks.

    def take(self) -> bytes:
        """The body since the last time, in one piece."""
        chunks = self._chunks
        if not chunks:
            return b""
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self.unread = 0
        return data

    # What the parser finds; `on_body` too.

    def on_message_begin(self) -> None:
        if self.done:
            raise HttpParserError("bytes after the end")
        self._lines.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        status = self._parser.get_status_code()
        if 100 <= status < 200:  # 101 with them: llhttp says itself that it changes the protocol
            return
        headers = Headers(self._lines)
        self._check(status, headers)
        self._until_close = "content-length" not in headers and "transfer-encoding" not in headers
        self.keeps = self._parser.should_keep_alive()
        self.headers = headers
        self.status = status

    def on_message_complete(self) -> None:
        self.done = self.status > 0

    def _check(self, status: int, headers: Headers) -> None:
        assert self._parser is not None
        if not 200 <= status <= 999:
            self.wrong = f"status {status} was not asked for"
        elif not self._parser.get_http_version().startswith("1."):
            self.wrong = "its version is not 1.0 or 1.1"
        elif "transfer-encoding" in headers and headers["transfer-encoding"].lower() != "chunked":
            self.wrong = "its transfer encoding was not asked for"
        if self.wrong:
            raise HttpParserError(self.wrong)

    def _parse(self, data: bytes) -> None:
        assert self._parser is not None
        if self.status:
            self._parser.feed_data(data)
            self._bound(len(data))
        elif self._barren + len(data) <= HEAD_BYTES:
            self._barren += len(data)
            self._parser.feed_data(data)
        else:
            self._parse_at_the_bound(memoryview(data), HEAD_BYTES - self._barren)

    def _parse_at_the_bound(self, data: memoryview, room: int) -> None:
        """The head has to end within `room` bytes; cutting there makes that true of every way to cut."""
        assert self._parser is not None
        self._parser.feed_data(data[:room])
        if not self.status:
            self.wrong = f"its head is larger than {HEAD_BYTES >> 10} KiB"
            raise HttpParserError(self.wrong)
        self._barren = 0
        self._parser.feed_data(data[room:])

    def _bound(self, length: int) -> None:
        self._barren = 0 if self._chunks else self._barren + length
        if self._barren > HEAD_BYTES and not self.done:
            self.wrong = f"more than {HEAD_BYTES >> 10} KiB of it are neither head nor body"
            raise HttpParserError(self.wrong)

    def _end(self, *, wrong: str = "", lost: str = "") -> None:
        self.over = True
        self.wrong, self.lost = wrong, lost
        self._parser = None  # it holds our methods and we hold it: garbage that only the collector would find
