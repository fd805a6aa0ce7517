"""The seam between a provider and the protocol that it speaks: three pure functions and no I/O.

A protocol is a folder (`openai/`) with encode (request → JSON), decode (bytes → events) and errors (a table).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mainstay import v1 as pb
from service.chat.failures import Failure


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it goes out: where to, below the provider's base URL, and what."""

    path: str
    body: bytes
    adjustments: list[pb.Adjustment] = field(default_factory=list)


class StreamDecoder(Protocol):
    """Turns the bytes of one streamed answer into events, network read by network read."""

    @property
    def finished(self) -> bool:
        """A finish reason was seen: the end of the body, or silence, is now a good end."""
        ...

    @property
    def done(self) -> bool:
        """The provider said that nothing more comes."""
        ...

    @property
    def skipped(self) -> int:
        """How many malformed chunks were passed over."""
        ...

    def feed(self, data: bytes) -> list[pb.ChatEvent]:
        """The deltas of one network read, text that arrived together as one. Raises Failure."""
        ...

    def end(self) -> list[pb.ChatEvent]:
        """Called once, at the end of the body: the last events, `completed` among them. Raises Failure."""
        ...


class Wire(Protocol):
    """How a provider is spoken to."""

    def encode(self, request: pb.ChatRequest, model: str, *, stream: bool) -> Question:
        """The request as the provider takes it. Raises Failure(UNSUPPORTED) naming what cannot be said."""
        ...

    def decode(self, body: bytes) -> list[pb.ChatEvent]:
        """The events of an answer that came in one piece, `completed` last. Raises Failure."""
        ...

    def stream_decoder(self, request: pb.ChatRequest) -> StreamDecoder:
        """For one streamed answer to `request`."""
        ...

    def request_id(self, headers: Mapping[str, str]) -> str:
        """The provider's own name of the request; empty if it gives none."""
        ...

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        """What an answer with an error status means."""
        ...
