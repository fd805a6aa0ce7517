"""OpenAI chat completions, for `chat`."""

from service.simulator.answers import Answer
from service.simulator.faults import Status
from service.simulator.openai.errors import error, scripted_error
from service.simulator.openai.reading import read_question
from service.simulator.openai.speech import CREATED, Spoken
from service.simulator.protocol import Asked, Error, Json
from service.simulator.question import Question
from service.simulator.refusal import Refusal


class OpenAI:
    """Implements `Protocol`."""

    name = "openai"
    request_id = "x-request-id"

    def admit(self, asked: Asked, key: str) -> None:
        """The key comes as a bearer token; at Azure in a header of its own."""
        if asked.headers.get("authorization") != f"Bearer {key}" and asked.headers.get("api-key") != key:
            raise Refusal("Incorrect API key provided.", None, "invalid_api_key", 401)

    def read(self, asked: Asked) -> Question:
        """Raises `Refusal`."""
        return read_question(asked.body, asked.place.get("deployment"))

    def speech(self, question: Question, answer: Answer) -> Spoken:
        """In chunks, or whole."""
        return Spoken(question, answer)

    def refused(self, refusal: Refusal, request_id: str) -> Json:
        """The param names the place."""
        return error(refusal.message, "invalid_request_error", refusal.param, refusal.code)

    def scripted(self, fault: Status, request_id: str) -> Error:
        """With the members that the script sets."""
        return Error(scripted_error(fault), dict(fault.headers))

    def failed(self, message: str, request_id: str) -> Json:
        """A server error."""
        return error(message, "server_error")

    def models(self) -> Json:
        """One model."""
        model = {"id": "chat", "object": "model", "created": CREATED, "owned_by": "simulator"}
        return {"object": "list", "data": [model]}
