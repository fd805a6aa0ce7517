"""Keeps what OpenTelemetry's libraries log to itself: they complain of every batch, and quote headers as they came."""

import logging
from collections.abc import Iterable, Iterator
from enum import Enum
from http import HTTPStatus

LIBRARY = "opentelemetry"
PHRASES = {status.phrase: f"HTTP {status.value}" for status in HTTPStatus if status >= 400}
"""What libraries say of an answer that they will ask for again."""


class Hush(logging.Handler):
    """Takes all that the libraries log while it is open, and remembers the latest reason in a word that is safe."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""
        """Why the latest export failed: a gRPC status, an HTTP status or the kind of an exception; empty: unknown."""
        self._stays = False

    def stay(self) -> None:
        """Goes on after its end: a thread could not be stopped, and still complains."""
        self._stays = True

    def emit(self, record: logging.LogRecord) -> None:
        """Never writes anything."""
        arguments = record.args if isinstance(record.args, tuple) else ()
        self.last = next(_words(arguments), self.last)

    def __enter__(self) -> "Hush":
        logger = logging.getLogger(LIBRARY)
        self._propagated = logger.propagate
        logger.propagate = False
        logger.addHandler(self)
        return self

    def __exit__(self, *exc: object) -> None:
        if not self._stays:
            logger = logging.getLogger(LIBRARY)
            logger.propagate = self._propagated
            logger.removeHandler(self)


def _words(arguments: Iterable[object]) -> Iterator[str]:
    for argument in arguments:
        match argument:
            case Enum():
                yield argument.name
            case BaseException():
                yield word_of(argument)
            case int() if 400 <= argument < 600:
                yield f"HTTP {argument}"
            case str() if argument in PHRASES:
                yield PHRASES[argument]


def word_of(error: BaseException) -> str:
    """The status that an exception carries, of gRPC or HTTP, else its kind; never its message (decision 14)."""
    code = getattr(error, "code", None)
    return next(_words([code() if callable(code) else code]), type(error).__name__)
