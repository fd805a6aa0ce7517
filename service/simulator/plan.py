"""What will happen to one request: its faults sorted by the moment at which they strike."""

from dataclasses import dataclass, replace
from typing import assert_never

from service.simulator.faults import (
    Before,
    Body,
    Cut,
    Delay,
    ErrorEvent,
    Fault,
    Finish,
    FirstToken,
    Hold,
    Length,
    Malformed,
    Midway,
    NoDone,
    NoPrefix,
    Pace,
    Ping,
    Reset,
    Silence,
    Stall,
    Status,
    Think,
    WholeCall,
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How answers come when no fault says otherwise; seconds, and tokens of a text (None: as it comes)."""

    first_token: float = 0.05
    pace: float = 0.02
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The faults of one request by moment, and the manner of its answer."""

    before: tuple[Before, ...]
    midway: tuple[Midway, ...]
    manner: Manner
    thoughts: int | None = None
    """Tokens of thoughts before the answer; None: as the request asks for them."""
    finish: str | None = None
    """The finish reason that stands for the answer's own."""
    ping: float | None = None
    """Seconds between signs of life while a stream waits; None: there are none."""
    done: bool = True
    hold: bool = False
    whole_calls: bool = False


def make_plan(faults: tuple[Fault, ...], usual: Manner) -> Plan:
    """Sort `faults`; where two set the same thing, the later one wins."""
    plan = Plan((), (), usual)
    for fault in faults:
        plan = _with(fault, plan)
    return plan


def _with(fault: Fault, plan: Plan) -> Plan:
    match fault:
        case Status() | Delay() | Silence() | Reset() | NoPrefix() | Body():
            return replace(plan, before=(*plan.before, fault))
        case Cut() | Stall() | Malformed() | ErrorEvent():
            return replace(plan, midway=(*plan.midway, fault))
        case FirstToken():
            return replace(plan, manner=replace(plan.manner, first_token=fault.seconds))
        case Pace():
            return replace(plan, manner=replace(plan.manner, pace=fault.seconds))
        case Length():
            return replace(plan, manner=replace(plan.manner, tokens=fault.tokens))
        case NoDone() | Hold() | WholeCall() | Think() | Finish() | Ping():
            return _with_setting(fault, plan)
        case _:
            assert_never(fault)


def _with_setting(fault: NoDone | Hold | WholeCall | Think | Finish | Ping, plan: Plan) -> Plan:
    match fault:
        case Think():
            return replace(plan, thoughts=fault.tokens)
        case Finish():
            return replace(plan, finish=fault.reason)
        case Ping():
            return replace(plan, ping=fault.seconds)
        case NoDone():
            return replace(plan, done=False)
        case Hold():
            return replace(plan, done=False, hold=True)
        case WholeCall():
            return replace(plan, whole_calls=True)
        case _:
            assert_never(fault)
