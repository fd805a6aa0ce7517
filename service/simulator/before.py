"""Lets faults strike that come before an answer, or in its place."""

from collections.abc import Awaitable, Callable
from typing import assert_never

from service.simulator.faults import Before, Body, Delay, NoPrefix, Reset, Silence, Status
from service.simulator.question import Question
from service.simulator.refusal import Refusal
from service.simulator.told import Told
from service.simulator.wire import Wire

Sleep = Callable[[float], Awaitable[None]]

_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n"
_WELL = "Simulated error with status 200."


async def play_before(fault: Before, question: Question, told: Told, wire: Wire, sleep: Sleep) -> bool:
    """Let a fault strike before the answer; true when it stood in for the answer. Raises `Refusal`."""
    match fault:
        case Delay():
            await sleep(fault.seconds)
            return False
        case NoPrefix():
            _refuse_prefix(question)
            return False
        case Silence():
            await wire.wait_for_departure()
        case Reset():
            wire.reset()
        case Status():
            await told.scripted(fault, wire)
        case Body.ERROR:
            await told.fail(_WELL, wire)
        case Body.HTML:
            await wire.whole("text/html", _PAGE)
        case Body.EMPTY:
            await wire.whole("application/json", b"")
        case _:
            assert_never(fault)
    return True


def _refuse_prefix(question: Question) -> None:
    if question.messages[-1].role == "assistant":
        raise Refusal("The conversation must not end with an assistant message.", "messages")
