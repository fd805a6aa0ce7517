"""What will happen to one request: its faults sorted by the moment at which they strike."""

from dataclasses import dataclass
from typing import assert_never

from service.simulator.faults import (
    Before,
    Body,
    Cut,
    Delay,
    ErrorEvent,
    Fault,
    FirstToken,
    Hold,
    Length,
    Malformed,
    Midway,
    NoDone,
    NoPrefix,
    Pace,
    Reset,
    Silence,
    Stall,
    Status,
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
    done: bool = True
    hold: bool = False
    whole_calls: bool = False


def make_plan(faults: tuple[Fault, ...], usual: Manner) -> Plan:
    """Sort `faults`; where two set the same thing, the later one wins."""
    before: list[Before] = []
    midway: list[Midway] = []
    first_token, pace, tokens = usual.first_token, usual.pace, usual.tokens
    for fault in faults:
        match fault:
            case Status() | Delay() | Silence() | Reset() | NoPrefix() | Body():
                before.append(fault)
            case Cut() | Stall() | Malformed() | ErrorEvent():
                midway.append(fault)
            case FirstToken():
                first_token = fault.seconds
            case Pace():
                pace = fault.seconds
            case Length():
                tokens = fault.tokens
            case NoDone() | Hold() | WholeCall():
                pass
            case _:
                assert_never(fault)
    return Plan(
        before=tuple(before),
        midway=tuple(midway),
        manner=Manner(first_token, pace, tokens),
        done=not any(isinstance(fault, NoDone | Hold) for fault in faults),
        hold=Hold() in faults,
        whole_calls=WholeCall() in faults,
    )
