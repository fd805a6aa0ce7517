"""Plays an answer to a client at its pace, with the faults of its plan."""

from collections import deque
from typing import assert_never

from service.simulator.before import Sleep
from service.simulator.faults import Cut, ErrorEvent, Malformed, Midway, Stall
from service.simulator.plan import Plan
from service.simulator.protocol import Speech
from service.simulator.told import Told
from service.simulator.wire import Wire

_BROKEN = "Simulated error in the middle of an answer."


async def play_whole(speech: Speech, plan: Plan, told: Told, wire: Wire, sleep: Sleep) -> None:
    """Send the answer in one piece, after the time its tokens take; faults strike in the middle."""
    further_tokens = max(0, speech.answer.completion_tokens() - 1)
    await sleep(plan.manner.first_token + plan.manner.pace * further_tokens)
    body = speech.whole()
    middle = len(body) // 2
    if any(isinstance(fault, ErrorEvent) for fault in plan.midway):
        await told.fail(_BROKEN, wire)
        return
    if any(isinstance(fault, Malformed) for fault in plan.midway):
        body = body[:middle]
    await wire.open(speech.kind, len(body))
    await wire.send(body[:middle])
    for fault in plan.midway:
        if isinstance(fault, Stall | Cut):
            await _interrupt(fault, wire, sleep)
    await wire.send(body[middle:])


async def play_stream(speech: Speech, plan: Plan, told: Told, wire: Wire, sleep: Sleep) -> None:
    """Send the answer as it is made."""
    await wire.open(speech.kind)
    await wire.send(speech.opening())
    if plan.ping is not None:
        sleep = _pinging(sleep, plan.ping, speech, wire)
    await sleep(plan.manner.first_token)
    try:
        await _send_pieces(speech, plan, wire, sleep)
    except _Fails:
        await wire.send(speech.broken(told.protocol.failed(_BROKEN, told.request_id)))
        return
    for piece in speech.closing():
        await wire.send(piece)
    if plan.hold:
        await wire.wait_for_departure()
    if plan.done:
        await wire.send(speech.done())


def _pinging(sleep: Sleep, every: float, speech: Speech, wire: Wire) -> Sleep:
    """Sleeps as `sleep` does, and gives a sign of life that often."""

    async def wait(seconds: float) -> None:
        while seconds > every:
            await sleep(every)
            await wire.send(speech.ping())
            seconds -= every
        await sleep(seconds)

    return wait


class _Fails(Exception):
    """An error takes the place of the rest of the stream."""


async def _send_pieces(speech: Speech, plan: Plan, wire: Wire, sleep: Sleep) -> None:
    faults = deque(sorted(plan.midway, key=lambda fault: fault.after))
    for sent, piece in enumerate(speech.pieces(plan.whole_calls)):
        while faults and faults[0].after <= sent:
            await _strike(faults.popleft(), speech, wire, sleep)
        if sent:
            await sleep(plan.manner.pace)
        await wire.send(piece)
        wire.sent_a_piece()
    for fault in faults:
        await _strike(fault, speech, wire, sleep)


async def _strike(fault: Midway, speech: Speech, wire: Wire, sleep: Sleep) -> None:
    match fault:
        case Malformed():
            await wire.send(speech.malformed())
        case ErrorEvent():
            raise _Fails
        case _:
            await _interrupt(fault, wire, sleep)


async def _interrupt(fault: Stall | Cut, wire: Wire, sleep: Sleep) -> None:
    match fault:
        case Stall():
            await sleep(fault.seconds)
        case Cut(reset=True):
            wire.reset()
        case Cut():
            wire.cut()
        case _:
            assert_never(fault)
