"""Where the command writes: the answer to stdout, everything else to stderr, colour only for eyes."""

import io
import os
from collections.abc import Sequence
from typing import TextIO

from mainstay import render
from mainstay import v1 as pb
from mainstay.errors import IncompleteStream

DIM = "\x1b[2m"
PLAIN = "\x1b[0m"


class Terminal:
    """Writes an answer as it comes. Text is flushed at once; only a terminal sees thoughts, dimmed."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out = out
        self._err = err
        self._colour = err.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        self._begun = False
        self._last = "\n"
        self._thinking = False
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="replace")  # a terminal that lacks a letter shows a question mark

    @property
    def can_begin_anew(self) -> bool:
        """Whether text that was shown can be declared void: what is in a pipe is gone."""
        return self._out.isatty()

    def show(self, event: pb.ChatEvent) -> None:
        """Shows one step. Raises IncompleteStream if text that is already in a pipe became void."""
        match event.WhichOneof("event"):
            case "text_delta":
                self._text(event.text_delta.text)
            case "reasoning_delta":
                self._thought(event.reasoning_delta.text)
            case "attempt_reset" if event.attempt_reset.mode == pb.RESET_MODE_DISCARD:
                self._begin_anew(event.attempt_reset)
            case "completed":
                self.end_line()
            case _:
                pass

    def show_whole(self, message: pb.Message) -> None:
        """Shows an answer that came in one piece."""
        for part in message.parts:
            match part.WhichOneof("content"):
                case "text":
                    self._text(part.text)
                case "reasoning":
                    self._thought(part.reasoning.text)
                case _:
                    pass
        self.end_line()

    def end_line(self) -> None:
        """Ends the line that is being written, on stdout as on stderr."""
        self._stop_thinking()
        if self._last != "\n":
            self.print("")

    def print(self, text: str) -> None:
        """Writes `text` and the end of the line to stdout."""
        self._write(text + "\n")

    def note(self, lines: Sequence[str]) -> None:
        """Writes lines to stderr, dimmed."""
        for line in lines:
            self._err.write(self._dimmed(render.printable(line)) + "\n")
        self._err.flush()

    def complain(self, lines: Sequence[str]) -> None:
        """Writes lines to stderr, not dimmed."""
        for line in lines:
            self._err.write(render.printable(line) + "\n")
        self._err.flush()

    def _text(self, text: str) -> None:
        if text:
            self._stop_thinking()
            self._begun = True
            self._write(render.printable(text) if self._out.isatty() else text)

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
        self._last = text[-1]

    def _thought(self, text: str) -> None:
        if text and self._err.isatty():
            self._thinking = True
            self._err.write(self._dimmed(render.printable(text)))
            self._err.flush()

    def _stop_thinking(self) -> None:
        if self._thinking:
            self._thinking = False
            self._err.write("\n\n")
            self._err.flush()

    def _begin_anew(self, reset: pb.AttemptReset) -> None:
        if not self._begun:
            return
        if not self.can_begin_anew:
            raise IncompleteStream("the answer began anew after some of it was written; --no-stream avoids that")
        self.end_line()
        self.note([render.begun_anew(reset)])

    def _dimmed(self, text: str) -> str:
        return f"{DIM}{text}{PLAIN}" if self._colour else text
