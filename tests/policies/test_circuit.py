"""When a target may be asked."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from service.policies.circuit import GROWTH, JITTER, Circuit, CircuitOptions, Pass, State

OPTIONS = CircuitOptions()
WHY = "UNREACHABLE"
MIDDLE = 0.5
"""Of the dice: no jitter."""


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class Traffic(RuleBasedStateMachine):
    """Requests that go and end in any order, some of them long after the circuit has moved on."""

    under_way = Bundle("under_way")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.circuit = Circuit(OPTIONS, self.clock, lambda: MIDDLE)
        self.probe: Pass | None = None
        """The one that is under way."""
        self.opened_at: float | None = None

    @rule(seconds=st.floats(0, 40))
    def wait(self, seconds: float) -> None:
        self.clock.time += seconds

    @rule(target=under_way)
    def enter(self) -> Pass | None:
        leave = self.circuit.enter()
        if leave is not None and leave.is_probe:
            assert self.probe is None, "two probes"
            self.probe = leave
        if leave is not None and not leave.is_probe:
            assert self.circuit.state is State.CLOSED
        return leave

    @rule(leave=consumes(under_way), slowly=st.booleans())
    def answered(self, leave: Pass | None, slowly: bool) -> None:
        if leave is not None:
            before = self.circuit.state
            self.circuit.answered(leave, slowly=slowly)
            self._no_old_news(leave, before)

    @rule(leave=consumes(under_way), at_least=st.sampled_from([0.0, 60.0]), at_once=st.booleans())
    def failed(self, leave: Pass | None, at_least: float, at_once: bool) -> None:
        if leave is not None:
            before = self.circuit.state
            self.circuit.failed(leave, WHY, at_least=at_least, at_once=at_once)
            self._no_old_news(leave, before)

    @rule(leave=consumes(under_way))
    def left(self, leave: Pass | None) -> None:
        if leave is not None:
            before = self.circuit.state
            self.circuit.left(leave)
            assert self.circuit.state is State.CLOSED or before is not State.CLOSED
            self._over(leave)

    @rule()
    def broke(self) -> None:
        before = self.circuit.state
        self.circuit.broke(WHY)
        assert self.circuit.state is before or (before is State.CLOSED and self.circuit.state is State.OPEN)

    @invariant()
    def half_open_means_that_there_is_a_probe(self) -> None:
        assert (self.circuit.state is State.HALF_OPEN) == (self.probe is not None)

    def _no_old_news(self, leave: Pass, before: State) -> None:
        """Only the probe that is under way can close a circuit, or open one that is open."""
        after = self.circuit.state
        if before is not State.CLOSED and leave is not self.probe:
            assert after is before
        self._over(leave)

    def _over(self, leave: Pass) -> None:
        if leave is self.probe:
            self.probe = None


TestTraffic = Traffic.TestCase


def a_circuit(clock: Clock, options: CircuitOptions = OPTIONS) -> Circuit:
    return Circuit(options, clock, lambda: MIDDLE)


def is_open(circuit: Circuit) -> bool:
    return circuit.state is State.OPEN


def ask(circuit: Circuit) -> Pass:
    leave = circuit.enter()
    assert leave is not None
    return leave


def fail(circuit: Circuit, times: int = 1) -> None:
    for _ in range(times):
        circuit.failed(ask(circuit), WHY)


def opened(clock: Clock, options: CircuitOptions = OPTIONS) -> Circuit:
    circuit = a_circuit(clock, options)
    fail(circuit, options.in_a_row)
    assert is_open(circuit)
    return circuit


def test_so_many_failures_in_a_row_open_it_however_long_they_take() -> None:
    clock = Clock()
    circuit = a_circuit(clock)
    for _ in range(OPTIONS.in_a_row - 1):
        fail(circuit)
        clock.time += 600
    assert not is_open(circuit)
    fail(circuit)
    assert is_open(circuit)
    assert circuit.why == WHY


def test_an_answer_ends_the_row() -> None:
    circuit = a_circuit(Clock(), CircuitOptions(least=1000))
    for _ in range(50):
        fail(circuit, OPTIONS.in_a_row - 1)
        circuit.answered(ask(circuit))
    assert not is_open(circuit)


@pytest.mark.parametrize(("answers", "opens"), [(5, True), (6, False)])
def test_half_of_ten_requests_open_it(answers: int, opens: bool) -> None:
    circuit = a_circuit(Clock(), CircuitOptions(in_a_row=100))
    for _ in range(answers):
        circuit.answered(ask(circuit))
    fail(circuit, 5)
    assert is_open(circuit) == opens


def test_what_happened_before_the_window_does_not_count() -> None:
    clock = Clock()
    circuit = a_circuit(clock, CircuitOptions(in_a_row=100))
    fail(circuit, 9)
    clock.time += OPTIONS.window
    fail(circuit)
    assert not is_open(circuit)
    fail(circuit, 9)
    assert is_open(circuit)


def test_slow_answers_open_it_too_but_not_in_a_row() -> None:
    circuit = a_circuit(Clock())
    for _ in range(OPTIONS.least - 1):
        circuit.answered(ask(circuit), slowly=True)
    assert not is_open(circuit)
    circuit.answered(ask(circuit), slowly=True)
    assert is_open(circuit)
    assert circuit.why == "slow answers"


def test_a_target_that_always_breaks_its_answers_is_not_asked_for_ever() -> None:
    circuit = a_circuit(Clock())
    asked = 0
    while (leave := circuit.enter()) is not None:
        circuit.answered(leave)
        circuit.broke(WHY)
        asked += 1
    assert asked == OPTIONS.least / 2
    assert circuit.why == WHY


def test_it_stays_open_for_longer_each_time_and_never_for_more_than_its_cap() -> None:
    clock = Clock()
    circuit = opened(clock)
    times = []
    for _ in range(4):
        times.append(circuit.opens_in)
        clock.time += circuit.opens_in
        fail(circuit)
    assert times == pytest.approx([15, 15 * GROWTH, 30, 30])


@pytest.mark.parametrize(("longer", "seconds"), [(0, OPTIONS.opens_at_most), (1, 15)])
def test_a_target_that_was_well_for_a_while_begins_anew(longer: float, seconds: float) -> None:
    clock = Clock()
    circuit = opened(clock)
    clock.time += circuit.opens_in
    circuit.answered(ask(circuit))
    fail(circuit, OPTIONS.in_a_row)
    assert circuit.opens_in == pytest.approx(15 * GROWTH), "it was well for no time at all"
    clock.time += circuit.opens_in
    circuit.answered(ask(circuit))
    clock.time += OPTIONS.opens_at_most + longer
    fail(circuit, OPTIONS.in_a_row)
    assert circuit.opens_in == pytest.approx(seconds)


def test_what_the_target_asks_for_is_the_least() -> None:
    clock = Clock()
    circuit = a_circuit(clock)
    fail(circuit, OPTIONS.in_a_row - 1)
    circuit.failed(ask(circuit), WHY, at_least=90.0)
    assert circuit.opens_in == pytest.approx(90)


def test_what_the_target_asks_for_is_the_least_also_if_it_opens_by_its_share_of_failures() -> None:
    circuit = a_circuit(Clock(), CircuitOptions(in_a_row=100))
    fail(circuit, OPTIONS.least - 1)
    circuit.failed(ask(circuit), WHY, at_least=90.0)
    assert circuit.opens_in == pytest.approx(90)


def test_some_failures_need_no_second() -> None:
    circuit = a_circuit(Clock())
    circuit.failed(ask(circuit), WHY, at_least=300.0, at_once=True)
    assert circuit.opens_in == pytest.approx(300)


def test_a_probe_whose_caller_left_makes_room_for_another() -> None:
    clock = Clock()
    circuit = opened(clock)
    assert circuit.enter() is None
    clock.time += circuit.opens_in
    probe = ask(circuit)
    assert circuit.enter() is None
    circuit.left(probe)
    assert ask(circuit).is_probe


def test_a_request_from_before_the_opening_does_not_close_it() -> None:
    clock = Clock()
    circuit = a_circuit(clock)
    old = ask(circuit)
    fail(circuit, OPTIONS.in_a_row)
    clock.time += circuit.opens_in
    probe = ask(circuit)
    circuit.answered(old)
    assert circuit.enter() is None
    circuit.answered(probe)
    assert circuit.state is State.CLOSED


@pytest.mark.parametrize("dice", [0.0, 0.999])
def test_replicas_do_not_probe_in_step(dice: float) -> None:
    circuit = Circuit(OPTIONS, Clock(), lambda: dice)
    fail(circuit, OPTIONS.in_a_row)
    assert abs(circuit.opens_in / OPTIONS.opens_for - 1) == pytest.approx(JITTER, rel=0.01)


def test_chance_makes_no_opening_longer_than_the_most() -> None:
    clock = Clock()
    circuit = Circuit(OPTIONS, clock, lambda: 0.999)
    fail(circuit, OPTIONS.in_a_row)
    for _ in range(5):
        clock.time += circuit.opens_in
        fail(circuit)
        assert circuit.opens_in <= OPTIONS.opens_at_most


def test_what_was_sent_before_it_opened_a_second_time_does_not_keep_it_open_longer() -> None:
    clock = Clock()
    circuit = Circuit(OPTIONS, clock, lambda: MIDDLE)

    def passes(count: int) -> list[Pass]:
        return [leave for leave in (circuit.enter() for _ in range(count)) if leave is not None]

    for leave in passes(OPTIONS.in_a_row):
        circuit.failed(leave, WHY)
    clock.time += OPTIONS.opens_for
    (probe,) = passes(1)
    circuit.answered(probe)
    *early, late = passes(OPTIONS.in_a_row + 1)
    for leave in early:
        circuit.failed(leave, WHY)
    due = circuit.opens_in
    circuit.failed(late, WHY, at_least=600.0, at_once=True)
    assert (circuit.state, circuit.opens_in) == (State.OPEN, due)
