"""Decodes a streamed answer: events or the elements of one array, whose end is no sign that it is whole."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers import stream
from service.providers.errors import ErrorTable
from service.providers.gemini import whole
from service.providers.gemini.answer import Answer
from service.providers.gemini.framing import Framing


class Stream:
    """A stream as all protocols have it, but for its end, of which only the end of the body is a sure sign.

    After a finish reason text may follow: what came of code that the provider ran, for one; old models say STOP with
    every chunk.
    """

    def __init__(self, provider: str, errors: ErrorTable, *, structured: bool) -> None:
        """`provider`: whose state and blocks they are. `errors`: in what the provider's errors differ.

        `structured`: the answer's text is to be JSON, of which no piece may be missing.
        """
        self._provider, self._errors = provider, errors
        self._framing = Framing()
        self._answer = Answer(provider, errors)
        self._stream = stream.Stream(
            self._answer,
            self._whole,
            structured=structured,
            errors=errors,
            splitter=self._framing,
        )

    @property
    def finished(self) -> bool:
        """A finish reason was seen, and nothing that is still to come: silence is now a good end."""
        return self._answer.settled

    @property
    def done(self) -> bool:
        """The array has ended, or a gateway said [DONE]."""
        return self._framing.closed or self._stream.done

    @property
    def skipped(self) -> int:
        """Chunks that could not be read and were passed over."""
        return self._stream.skipped

    def feed(self, data: bytes) -> list[pb.ChatEvent]:
        """The deltas of one network read. Raises Failure."""
        return self._stream.feed(data)

    def end(self) -> list[pb.ChatEvent]:
        """The last events, once the body has ended. Raises Failure."""
        return self._stream.end()

    def _whole(self, body: bytes) -> list[pb.ChatEvent]:
        """Of a body in which no chunk was found."""
        if self._framing.closed:
            raise Failure(pb.FAILURE_KIND_EMPTY, "the stream holds nothing")
        return whole.decode(body, self._provider, self._errors)
