"""A bounded log of the chat requests, so that tests can prove what a client sent and when it left."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

MAX_ENTRIES = 10_000
_MAX_VALUE = 512  # characters of a header or model name that are kept
# Never authorization, cookies or api keys.
_HEADERS = ("traceparent", "tracestate", "x-request-id", "idempotency-key", "user-agent", "accept")


class Ending(Enum):
    """How a request ended."""

    OPEN = "open"
    ANSWERED = "answered"
    BROKEN = "broken"  # the script cut or reset the connection
    CLIENT_LEFT = "client_left"
    FAILED = "failed"  # a defect of the simulator


@dataclass(slots=True)
class Entry:
    """One request; times are Unix seconds, `chunks` counts pieces of a streamed answer, `bytes` bodies."""

    number: int
    started: float
    opened: float
    headers: Mapping[str, str]
    protocol: str
    model: str = ""
    stream: bool = False
    faults: list[str] = field(default_factory=list)
    status: int | None = None
    chunks: int = 0
    bytes: int = 0
    ending: Ending = Ending.OPEN
    ended: float | None = None
    seconds_open: float | None = None

    def asked(self, model: str, stream: bool) -> None:
        """Note what the request turned out to ask for."""
        self.model, self.stream = model[:_MAX_VALUE], stream

    def struck(self, faults: Iterable[object]) -> None:
        """Note what strikes the request."""
        self.faults = [str(fault) for fault in faults]


class Journal:
    """Writes down requests; `now` is monotonic, `wall` is Unix time."""

    def __init__(self, now: Callable[[], float], wall: Callable[[], float]) -> None:
        self._now = now
        self._wall = wall
        self._entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._total = 0
        self.open = 0

    def begin(self, headers: Mapping[str, str], protocol: str) -> Entry:
        """A new entry for a request in that protocol that just came in."""
        self._total += 1
        self.open += 1
        kept = {name: headers[name][:_MAX_VALUE] for name in _HEADERS if name in headers}
        entry = Entry(self._total, self._wall(), self._now(), kept, protocol)
        self._entries.append(entry)
        return entry

    def end(self, entry: Entry, ending: Ending) -> None:
        """Close `entry`."""
        self.open -= 1
        entry.ending = ending
        entry.ended = self._wall()
        entry.seconds_open = self._now() - entry.opened

    def forget(self) -> None:
        """Drop all entries; numbers begin at 1 again, open requests stay counted."""
        self._entries.clear()
        self._total = 0

    def report(self) -> dict[str, object]:
        """The log as JSON, oldest first."""
        requests = [self._shown(entry) for entry in self._entries]
        return {"open_requests": self.open, "total": self._total, "requests": requests}

    def _shown(self, entry: Entry) -> dict[str, object]:
        still_open = entry.seconds_open is None
        return {
            "number": entry.number,
            "protocol": entry.protocol,
            "model": entry.model,
            "stream": entry.stream,
            "headers": entry.headers,
            "faults": entry.faults,
            "status": entry.status,
            "chunks": entry.chunks,
            "bytes": entry.bytes,
            "ending": entry.ending.value,
            "disconnected": entry.ending is Ending.CLIENT_LEFT,
            "started": entry.started,
            "ended": entry.ended,
            "seconds_open": self._now() - entry.opened if still_open else entry.seconds_open,
        }
