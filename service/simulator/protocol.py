"""What a protocol has to say for itself: nothing else of the simulator knows more of one.

Asked ── read ──▶ Question ── answer ──▶ Answer ── speech ──▶ Speech ──▶ bytes
          └─ Refusal ── refused ──▶ the body of an error
"""

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.simulator.answers import Answer
from service.simulator.faults import Status
from service.simulator.question import Question
from service.simulator.refusal import Refusal

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came; `place` is what its path names, such as the model."""

    body: bytes
    path: str = ""
    place: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Error:
    """The body of an error, and what headers come with it."""

    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


class Speech(typing.Protocol):
    """One answer in a protocol's words.

    A stream is `opening`, at once; `pieces`, each of which carries something of the answer; `closing`; `done`.
    """

    @property
    def answer(self) -> Answer:
        """What is said."""

    @property
    def kind(self) -> str:
        """The content type, of a stream or of a whole answer, whichever was asked for."""

    def whole(self) -> bytes:
        """The body of an answer that comes in one piece."""

    def opening(self) -> bytes:
        """What a stream says before it has anything to say."""

    def pieces(self, whole_calls: bool) -> Iterator[bytes]:
        """A token each, or the fragments of tool calls; with `whole_calls` a call comes in one piece."""

    def closing(self) -> Iterator[bytes]:
        """Why it ended, and what it cost."""

    def done(self) -> bytes:
        """The mark of the end; empty where there is none."""

    def ping(self) -> bytes:
        """A sign of life."""

    def malformed(self) -> bytes:
        """A piece that cannot be read."""

    def broken(self, error: Json) -> bytes:
        """The error that takes the place of the rest of the stream."""


class Protocol(typing.Protocol):
    """How a family of providers is spoken to."""

    @property
    def name(self) -> str:
        """As the journal has it."""

    @property
    def request_id(self) -> str:
        """The header that names the request in answers."""

    def admit(self, asked: Asked, key: str) -> None:
        """Raise `Refusal` unless the request shows `key`."""

    def read(self, asked: Asked) -> Question:
        """What is asked; raises `Refusal`."""

    def speech(self, question: Question, answer: Answer) -> Speech:
        """The answer, ready to be said."""

    def refused(self, refusal: Refusal, request_id: str) -> Json:
        """The body of an error of the client's."""

    def scripted(self, fault: Status, request_id: str) -> Error:
        """The error of a scripted status."""

    def failed(self, message: str, request_id: str) -> Json:
        """The body of an error of the provider's, for where the status says that all is well."""

    def models(self) -> Json:
        """The list of models; any other name is served as well."""
