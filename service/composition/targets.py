"""What the admin page /targets says: how each target is doing here and now. Belongs to app."""

from collections.abc import Callable, Iterable

from service.chat.target import Target
from service.pipeline.leasing.leases import Leases
from service.pipeline.leasing.state import KeyState, TargetState
from service.policies.circuit import Circuit, State
from service.policies.per_target import PerTarget
from service.telemetry.metrics.readings import Lease


def shown(leases: Leases, circuits: PerTarget[Circuit], routed: Iterable[Target]) -> list[dict[str, object]]:
    """Those of routes, asked or not, and then the others that were asked; as JSON has it."""
    always = list(routed)
    others = [state for state in leases.states() if state.target not in always]
    return [
        {**_shown(state), "circuit": _of_circuit(circuits.get(state.target))}
        for state in [*map(leases.state, always), *others]
    ]


def reading(leases: Leases) -> Callable[[Target], Lease]:
    """The same in the words of metrics."""

    def read(target: Target) -> Lease:
        state = leases.state(target)
        return Lease(waiting=state.waiting, in_flight=state.in_flight, free=state.free)

    return read


def _shown(state: TargetState) -> dict[str, object]:
    return {
        "target": str(state.target),
        "waiting": state.waiting,
        "in_flight": state.in_flight,
        "free": round(state.free, 3),
        "keys": [_of_key(key) for key in state.keys],
    }


def _of_circuit(circuit: Circuit | None) -> dict[str, object]:
    if circuit is None or circuit.state is State.CLOSED:
        return {"state": State.CLOSED.value}
    return {"state": circuit.state.value, "reason": circuit.why, "seconds": round(circuit.opens_in, 1)}


def _of_key(key: KeyState) -> dict[str, object]:
    return {
        "name": key.name,
        "in_flight": key.in_flight,
        "free": round(key.free, 3),
        "held_seconds": round(key.held_for, 1),
    }
