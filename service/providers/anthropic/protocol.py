"""The protocol as the seam wants it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers import errors
from service.providers.anthropic import encode, whole
from service.providers.anthropic.answer import Answer
from service.providers.anthropic.dialect import Dialect
from service.providers.anthropic.errors import TABLE
from service.providers.errors import ErrorTable
from service.providers.stream import Stream, is_stream
from service.providers.wire import Question


@dataclass(frozen=True, slots=True)
class Anthropic:
    """Speaks to one vendor of the anthropic protocol; implements `Wire`.

    `provider` is the vendor's name in the catalog: what a request says to a provider by name is meant for it.
    """

    dialect: Dialect = field(default_factory=Dialect)
    provider: str = "anthropic"
    errors: ErrorTable = field(default_factory=ErrorTable)
    """In what its errors differ."""
    dialect_of: Callable[[str], Dialect] | None = None
    """The dialect of a model, by its name, for vendors whose models differ; else all speak `dialect`."""
    _errors: ErrorTable = field(init=False, repr=False)
    """Those and the protocol's own."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_errors", self.errors.over(TABLE))

    def encode(self, request: pb.ChatRequest, model: str, *, stream: bool) -> Question:
        """The request as the provider takes it. Raises Failure(UNSUPPORTED) naming what cannot be said."""
        dialect = self.dialect_of(model) if self.dialect_of else self.dialect
        return encode.encode(request, model, stream=stream, provider=self.provider, dialect=dialect)

    def decode(self, body: bytes) -> list[pb.ChatEvent]:
        """The events of an answer that came in one piece, `completed` last. Raises Failure."""
        if is_stream(body):  # nobody has seen any of it, so that none of it need be missing: hence `structured`
            decoder = self._stream(structured=True)
            return decoder.feed(body) + decoder.end()
        return self._whole(body)

    def stream_decoder(self, request: pb.ChatRequest) -> Stream:
        """For one streamed answer to `request`."""
        return self._stream(structured=request.HasField("response_format"))

    def request_id(self, headers: Mapping[str, str]) -> str:
        """The provider's own name of the request; empty if it gives none."""
        return errors.request_id_of(headers)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        """What an answer with an error status means."""
        return errors.failure(status, headers, body, self._errors)

    def _stream(self, *, structured: bool) -> Stream:
        answer = Answer(self.provider, signatures=self.dialect.signatures, errors=self._errors)
        return Stream(answer, self._whole, structured=structured, errors=self._errors)

    def _whole(self, body: bytes) -> list[pb.ChatEvent]:
        return whole.decode(body, self.provider, signatures=self.dialect.signatures, errors=self._errors)
