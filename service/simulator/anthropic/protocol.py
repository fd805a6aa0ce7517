"""Anthropic Messages, for `chat`: at Anthropic, below a vendor's prefix, and on Vertex."""

from service.simulator.answers import Answer
from service.simulator.anthropic.errors import error, scripted_error
from service.simulator.anthropic.reading import read_question
from service.simulator.anthropic.speech import Spoken
from service.simulator.faults import Status
from service.simulator.protocol import Asked, Error, Json
from service.simulator.question import Question
from service.simulator.refusal import Refusal

_OVERLOADED = 529


class Anthropic:
    """Implements `Protocol`."""

    name = "anthropic"
    request_id = "request-id"

    def admit(self, asked: Asked, key: str) -> None:
        """The key has a header of its own; a token is a bearer's."""
        if asked.headers.get("x-api-key") != key and asked.headers.get("authorization") != f"Bearer {key}":
            raise Refusal("invalid x-api-key", None, None, 401)

    def read(self, asked: Asked) -> Question:
        """Raises `Refusal`."""
        return read_question(asked)

    def speech(self, question: Question, answer: Answer) -> Spoken:
        """In events, or whole."""
        return Spoken(question, answer)

    def refused(self, refusal: Refusal, request_id: str) -> Json:
        """The message names the place."""
        return error(refusal.status, refusal.message, request_id)

    def scripted(self, fault: Status, request_id: str) -> Error:
        """With the members that the script sets."""
        return Error(scripted_error(fault, request_id), dict(fault.headers))

    def failed(self, message: str, request_id: str) -> Json:
        """What it says when it is overloaded: the one error that its streams are known to end with."""
        return error(_OVERLOADED, message, request_id)

    def models(self) -> Json:
        """One model."""
        model = {"id": "chat", "type": "model", "display_name": "chat", "created_at": "2026-01-01T00:00:00Z"}
        return {"data": [model], "has_more": False, "first_id": "chat", "last_id": "chat"}
