"""Gemini's generateContent, for `chat`: Google's own API, and Vertex."""

from service.simulator.answers import Answer
from service.simulator.faults import Status
from service.simulator.gemini.errors import error, refused, scripted_error
from service.simulator.gemini.reading import read_question
from service.simulator.gemini.speech import Spoken
from service.simulator.protocol import Asked, Error, Json
from service.simulator.question import Question
from service.simulator.refusal import Refusal

_UNAVAILABLE = 503


class Gemini:
    """Implements `Protocol`."""

    name = "gemini"
    request_id = "x-request-id"

    def admit(self, asked: Asked, key: str) -> None:
        """A key in a header or in the address; a bearer's token, and on Vertex nothing else."""
        if asked.headers.get("authorization") == f"Bearer {key}":
            return
        if "/publishers/" in asked.path:
            raise Refusal("Request had invalid authentication credentials.", None, "CREDENTIALS_MISSING", 401)
        shown = asked.headers.get("x-goog-api-key") or asked.query.get("key")
        if shown is None:
            raise Refusal("Method doesn't allow unregistered callers.", None, None, 403)
        if shown != key:
            raise Refusal("API key not valid. Please pass a valid API key.", None, "API_KEY_INVALID")

    def read(self, asked: Asked) -> Question:
        """Raises `Refusal`."""
        return read_question(asked)

    def speech(self, question: Question, answer: Answer) -> Spoken:
        """In chunks, or whole."""
        return Spoken(question, answer)

    def refused(self, refusal: Refusal, request_id: str) -> Json:
        """The place is a violation."""
        return refused(refusal)

    def scripted(self, fault: Status, request_id: str) -> Error:
        """With the members that the script sets."""
        return scripted_error(fault)

    def failed(self, message: str, request_id: str) -> Json:
        """Unavailable."""
        return error(_UNAVAILABLE, message)

    def models(self) -> Json:
        """One model."""
        methods = ["generateContent"]
        model = {"name": "models/chat", "version": "1", "displayName": "chat", "supportedGenerationMethods": methods}
        return {"models": [model]}
