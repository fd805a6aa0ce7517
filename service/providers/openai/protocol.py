"""The protocol as the seam wants it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai import encode, errors, whole
from service.providers.openai.dialect import Dialect
from service.providers.openai.error_headers import request_id_of
from service.providers.openai.stream import Stream
from service.providers.wire import Question


@dataclass(frozen=True, slots=True)
class OpenAI:
    """Speaks to one vendor of the openai protocol; implements `Wire`.

    `provider` is the vendor's name in the catalog: what a request says to a provider by name is meant for it.
    """

    dialect: Dialect = field(default_factory=Dialect)
    provider: str = "openai"

    def encode(self, request: pb.ChatRequest, model: str, *, stream: bool) -> Question:
        """The request as the provider takes it. Raises Failure(UNSUPPORTED) naming what cannot be said."""
        return encode.encode(request, model, stream=stream, provider=self.provider, dialect=self.dialect)

    def decode(self, body: bytes) -> list[pb.ChatEvent]:
        """The events of an answer that came in one piece, `completed` last. Raises Failure."""
        return whole.decode(body)

    def stream_decoder(self, request: pb.ChatRequest) -> Stream:
        """For one streamed answer to `request`."""
        return Stream(structured=request.HasField("response_format"))

    def request_id(self, headers: Mapping[str, str]) -> str:
        """The provider's own name of the request; empty if it gives none."""
        return request_id_of(headers)

    def failure(self, status: int, headers: Mapping[str, str], body: bytes) -> Failure:
        """What an answer with an error status means."""
        return errors.failure(status, headers, body)
