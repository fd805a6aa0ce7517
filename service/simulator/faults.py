"""Everything that the simulator can do to an answer, as values; `grammar` writes them as text.

A fault "after N chunks" counts chunks that carry a piece of the answer (a token, a tool-call fragment),
not what opens a stream; where the answer is shorter it strikes before the finish reason. A whole answer has
no chunks: there it strikes in the middle of the body.
"""

from dataclasses import dataclass
from enum import Enum


class Body(Enum):
    """A body that comes with status 200 and is no answer."""

    ERROR = "error200"
    HTML = "html200"
    EMPTY = "empty200"


@dataclass(frozen=True, slots=True)
class Status:
    """Answers with an error status, extra headers and the protocol's error, whose members may be set."""

    code: int
    headers: tuple[tuple[str, str], ...] = ()
    error: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Delay:
    """Waits before anything else happens, headers included."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silence:
    """Accepts and never answers, until the client leaves."""


@dataclass(frozen=True, slots=True)
class Reset:
    """Resets the connection in place of an answer."""


@dataclass(frozen=True, slots=True)
class NoPrefix:
    """Refuses a request whose last message is the assistant's."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Ends the connection after N chunks: in an orderly way without the body's end, or with a reset."""

    after: int
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """Falls silent after N chunks, then goes on."""

    after: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Malformed:
    """Puts one chunk that is not JSON after N chunks; the answer itself loses nothing, unless it is one JSON array."""

    after: int


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """Ends a stream after N chunks with an error in place of a finish."""

    after: int


@dataclass(frozen=True, slots=True)
class NoDone:
    """Ends a stream without the protocol's mark of the end."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keeps a finished stream open, without that mark, until the client leaves."""


@dataclass(frozen=True, slots=True)
class FirstToken:
    """How long the first token takes; headers and what opens a stream come at once."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each further token takes."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ping:
    """A sign of life that often while a stream waits for its next chunk."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Think:
    """How many tokens of thoughts come before the answer."""

    tokens: int


@dataclass(frozen=True, slots=True)
class Finish:
    """Says another finish reason than the answer's own: a word of OpenAI's is translated, any other said as it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Length:
    """How many tokens a text answer has."""

    tokens: int


@dataclass(frozen=True, slots=True)
class WholeCall:
    """Streams each tool call in one chunk."""


Before = Status | Delay | Silence | Reset | NoPrefix | Body
Midway = Cut | Stall | Malformed | ErrorEvent
Fault = Before | Midway | NoDone | Hold | FirstToken | Pace | Ping | Think | Finish | Length | WholeCall
