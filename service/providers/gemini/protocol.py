"""The protocol as the seam wants it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers import errors
from service.providers.errors import ErrorTable
from service.providers.gemini import encode, whole
from service.providers.gemini.dialect import Dialect
from service.providers.gemini.error_table import GOOGLE
from service.providers.gemini.stream import Stream
from service.providers.stream import is_stream
from service.providers.wire import Question


@dataclass(frozen=True, slots=True)
class Gemini:
    """Speaks to one vendor of the gemini protocol; implements `Wire`.

    `provider` is the vendor's name in the configuration: what a request says to a provider by name is meant for it.
    """

    dialect: Dialect = field(default_factory=Dialect)
    provider: str = "gemini"
    errors: ErrorTable = field(default_factory=ErrorTable)
    """In what its errors differ from Google's."""
    dialect_of: Callable[[str], Dialect] | None = None
    """The dialect of a model, by its name, for vendors whose models differ; else all speak `dialect`."""
    _errors: ErrorTable = field(init=False, repr=False)
    """Those and Google's."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_errors", GOOGLE if self.errors == GOOGLE else self.errors.over(GOOGLE))

    def encode(self, request: pb.ChatRequest, model: str, *, stream: bool) -> Question:
        """The request as the provider takes it. Raises Failure(UNSUPPORTED) naming what cannot be said."""
        dialect = self.dialect_of(model) if self.dialect_of else self.dialect
        return encode.encode(request, model, stream=stream, provider=self.provider, dialect=dialect)

    def decode(self, body: bytes) -> list[pb.ChatEvent]:
        """The events of an answer that came in one piece, `completed` last. Raises Failure."""
        if is_stream(body):  # nobody has seen any of it, so that none of it need be missing: hence `structured`
            decoder = Stream(self.provider, self._errors, structured=True)
            return decoder.feed(body) + decoder.end()
        return whole.decode(body, self.provider, self._errors)

    def stream_decoder(self, request: pb.ChatRequest) -> Stream:
        """For one streamed answer to `request`."""
        return Stream(self.provider, self._errors, structured=request.HasField("response_format"))

    def request_id(self, headers: Mapping[str, str]) -> str:
        """The provider's own name of the request; Google gives none, but a gateway before it may."""
        return errors.request_id_of(headers)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        """What an answer with an error status means."""
        return errors.failure(status, headers, body, self._errors)
