"""Plays an answer to a client at its pace, with the faults of its plan."""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import assert_never

from service.simulator.faults import (
    Before,
    Body,
    Cut,
    Delay,
    ErrorEvent,
    Malformed,
    Midway,
    NoPrefix,
    Reset,
    Silence,
    Stall,
    Status,
)
from service.simulator.openai import DONE, Shapes, error, event, scripted_error
from service.simulator.plan import Plan
from service.simulator.question import Question
from service.simulator.refusal import Refusal
from service.simulator.wire import Wire

Sleep = Callable[[float], Awaitable[None]]

_MALFORMED = b'data: {"id":"chatcmpl-\n\n'
_COMMENT = b": PROCESSING\n\n"
_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n"
_MIDWAY_ERROR = error("Simulated error in the middle of an answer.", "server_error")


async def play_before(fault: Before, question: Question, wire: Wire, sleep: Sleep) -> bool:
    """Let a fault strike before the answer; true when it stood in for the answer."""
    match fault:
        case Delay():
            await sleep(fault.seconds)
            return False
        case NoPrefix():
            return await _refuse_prefix(question, wire)
        case Silence():
            await wire.wait_for_departure()
        case Reset():
            wire.reset()
        case Status():
            await wire.json(scripted_error(fault), fault.code, dict(fault.headers))
        case Body.ERROR:
            await wire.json(error("Simulated error with status 200.", "server_error"))
        case Body.HTML:
            await wire.whole("text/html", _PAGE)
        case Body.EMPTY:
            await wire.whole("application/json", b"")
        case _:
            assert_never(fault)
    return True


async def play_whole(shapes: Shapes, plan: Plan, wire: Wire, sleep: Sleep) -> None:
    """Send the answer in one piece, after the time its tokens take; faults strike in the middle."""
    further_tokens = max(0, shapes.answer.completion_tokens() - 1)
    await sleep(plan.manner.first_token + plan.manner.pace * further_tokens)
    body = shapes.whole()
    middle = len(body) // 2
    if any(isinstance(fault, ErrorEvent) for fault in plan.midway):
        await wire.json(_MIDWAY_ERROR)
        return
    if any(isinstance(fault, Malformed) for fault in plan.midway):
        body = body[:middle]
    await wire.open("application/json", len(body))
    await wire.send(body[:middle])
    for fault in plan.midway:
        if isinstance(fault, Stall | Cut):
            await _interrupt(fault, wire, sleep)
    if rest := body[middle:]:
        await wire.send(rest)


async def play_stream(shapes: Shapes, plan: Plan, wire: Wire, sleep: Sleep) -> None:
    """Send the answer as server-sent events."""
    await wire.open("text/event-stream; charset=utf-8")
    await wire.send(shapes.opening())
    if plan.ping is not None:
        sleep = _commenting(sleep, plan.ping, wire)
    await sleep(plan.manner.first_token)
    try:
        await _send_pieces(shapes, plan, wire, sleep)
    except _ErrorSent:
        return
    for chunk in shapes.closing():
        await wire.send(chunk)
    if plan.hold:
        await wire.wait_for_departure()
    if plan.done:
        await wire.send(DONE)


def _commenting(sleep: Sleep, every: float, wire: Wire) -> Sleep:
    """Sleeps as `sleep` does, and sends a comment that often."""

    async def wait(seconds: float) -> None:
        while seconds > every:
            await sleep(every)
            await wire.send(_COMMENT)
            seconds -= every
        await sleep(seconds)

    return wait


class _ErrorSent(Exception):
    """An error event took the place of the rest of the stream."""


async def _send_pieces(shapes: Shapes, plan: Plan, wire: Wire, sleep: Sleep) -> None:
    faults = deque(sorted(plan.midway, key=lambda fault: fault.after))
    for sent, piece in enumerate(shapes.pieces(plan.whole_calls)):
        while faults and faults[0].after <= sent:
            await _interrupt(faults.popleft(), wire, sleep)
        if sent:
            await sleep(plan.manner.pace)
        await wire.send(piece)
        wire.sent_a_piece()
    for fault in faults:
        await _interrupt(fault, wire, sleep)


async def _interrupt(fault: Midway, wire: Wire, sleep: Sleep) -> None:
    match fault:
        case Stall():
            await sleep(fault.seconds)
        case Malformed():
            await wire.send(_MALFORMED)
        case ErrorEvent():
            await wire.send(event(_MIDWAY_ERROR))
            raise _ErrorSent
        case Cut(reset=True):
            wire.reset()
        case Cut():
            wire.cut()
        case _:
            assert_never(fault)


async def _refuse_prefix(question: Question, wire: Wire) -> bool:
    if question.messages[-1].role != "assistant":
        return False
    await wire.refuse(Refusal("The conversation must not end with an assistant message.", "messages"))
    return True
