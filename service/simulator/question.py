"""A chat request that was read and found valid: what is to be answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from service.simulator.tokens import count

_PER_MESSAGE = 3  # tokens that a chat template adds around each message
_PER_ATTACHMENT = 85  # tokens charged for an image, a file or a sound

Schema = Mapping[str, object]
Role = Literal["system", "developer", "user", "assistant", "tool"]
Mode = Literal["none", "auto", "required"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn; `tool` names the tool that a tool message answers for."""

    role: Role
    text: str
    attachments: int = 0
    tool: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the simulator may call."""

    name: str
    parameters: Schema


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools that may be called here, and whether one must be; a named choice leaves one tool."""

    tools: tuple[Tool, ...] = ()
    mode: Mode = "none"
    parallel: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that shapes the answer.

    With a `schema` the answer is JSON after it; `digest` tells one request from another. `thinks` asks for thoughts,
    `shows_thoughts` for their text; `events` wants the answer, whole or not, as server-sent events.
    """

    model: str
    digest: str
    messages: tuple[Message, ...]
    toolbox: Toolbox = Toolbox()
    schema: Schema | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    stream: bool = False
    include_usage: bool = False
    thinks: bool = False
    shows_thoughts: bool = True
    events: bool = False

    @property
    def text(self) -> str:
        """What the user said last."""
        return next((m.text for m in reversed(self.messages) if m.role == "user"), "")

    @property
    def prefix(self) -> str:
        """The beginning that the caller put into the assistant's mouth, to be continued."""
        last = self.messages[-1]
        return last.text if last.role == "assistant" else ""

    @property
    def results(self) -> tuple[Message, ...]:
        """The tool results that end the conversation, in order."""
        trailing = len(self.messages)
        while trailing and self.messages[trailing - 1].role == "tool":
            trailing -= 1
        return self.messages[trailing:]

    def prompt_tokens(self) -> int:
        """What the prompt counts in `usage`."""
        return sum(count(m.text) + _PER_MESSAGE + _PER_ATTACHMENT * m.attachments for m in self.messages)
