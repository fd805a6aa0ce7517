"""Decodes one case and says what was wrong, if anything: another exception, a broken promise, time, memory."""

import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import assert_never

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers import anthropic
from service.providers.anthropic import Anthropic
from service.providers.gemini import Gemini
from service.providers.openai import OpenAI
from service.providers.openai.dialect import Dialect
from service.providers.wire import Wire
from tests.fuzz.bodies import Form
from tests.fuzz.case import Case
from tests.fuzz.promise import Broken, Promise

WIRES: Mapping[str, Callable[[Case], Wire]] = {
    "openai": lambda case: OpenAI(Dialect(think_tags=case.think_tags)),
    "anthropic": lambda case: Anthropic(anthropic.Dialect(signatures=not case.think_tags)),
    "gemini": lambda case: Gemini(),
}
"""A decoder for each protocol."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What decoding one body may take."""

    seconds: float = 0.25
    """Of CPU."""
    hung_seconds: float = 1.5
    """Of CPU, before it is interrupted."""
    memory: int = 256 * 1024
    memory_per_byte: int = 60
    """Bytes held at once: so many, and so many more for each byte of the body."""


_TIMES = 3  # a time limit is overrun only if it is overrun so many times
_PLAIN = pb.ChatRequest()
_STRUCTURED = pb.ChatRequest(response_format=pb.ResponseFormat(json_object=pb.JsonObjectFormat()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a case ended: what went wrong ("": nothing), and whether it was a failure of ours."""

    complaint: str
    failed: bool = False


class Hung(Exception):
    """Decoding does not come to its end."""


def tried(case: Case, *, wire: Wire | None = None, limits: Limits = Limits(), weighed: bool = False) -> Verdict:
    """What comes of the case; `weighed` measures its memory, too."""
    wire = wire or wire_of(case)
    try:
        with _interrupted_after(limits.hung_seconds):
            failed, seconds = _timed(wire, case)
            again = 1
            while seconds > limits.seconds and again < _TIMES:  # the collector and the machine take their time, too
                failed, seconds = _timed(wire, case)
                again += 1
            if seconds > limits.seconds:
                return Verdict(f"takes {seconds:.2f} s of CPU", failed)
            return Verdict(_weight(wire, case, limits) if weighed else "", failed)
    except Exception as wrong:  # noqa: BLE001 - to find any is what this is for
        return Verdict(f"{type(wrong).__name__}: {wrong}")


def wire_of(case: Case) -> Wire:
    """The decoder for the case; what is a vendor's own way in its protocol comes and goes with the case."""
    return WIRES[case.protocol](case)


def decode(wire: Wire, case: Case) -> bool:
    """Whether the case comes to a failure of ours; raises whatever else the decoder raises, and `Broken`."""
    promise = Promise(one_text=case.protocol == "openai")
    try:
        match case.form:
            case Form.STREAM:
                _stream(wire, case, promise)
            case Form.WHOLE:
                promise.see(wire.decode(case.data))
            case Form.ERROR:
                raise wire.failure(case.status, {}, case.data)
            case _:
                assert_never(case.form)
    except Failure as failure:
        if promise.completed:
            raise Broken("a failure after `completed`") from failure
        if not failure.detail:
            raise Broken("a failure that says nothing") from failure
        return True
    promise.end()
    return False


def _stream(wire: Wire, case: Case, promise: Promise) -> None:
    decoder = wire.stream_decoder(_STRUCTURED if case.structured else _PLAIN)
    for read in case.reads():
        promise.see(decoder.feed(read))
        if decoder.done:
            break
    if promise.completed:
        raise Broken("`completed` before the end")
    promise.see(decoder.end())


def _timed(wire: Wire, case: Case) -> tuple[bool, float]:
    began = time.thread_time()
    return decode(wire, case), time.thread_time() - began


def _weight(wire: Wire, case: Case, limits: Limits) -> str:
    tracemalloc.start()
    try:
        decode(wire, case)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    allowed = limits.memory + limits.memory_per_byte * len(case.data)
    return f"holds {peak} bytes for a body of {len(case.data)}" if peak > allowed else ""


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    """Raises `Hung` in the block after so much CPU time."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Hung(f"no end after {seconds} s of CPU")

    before = signal.signal(signal.SIGVTALRM, interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
