"""The account of further requests."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service.chat.target import Target
from service.policies.budget import CAP, DEPOSIT, FLOOR_PER_SECOND, Budget
from service.policies.per_target import PerTarget


class Account(RuleBasedStateMachine):
    """Whatever happens in whatever order: never more than was deposited, than the floor, and than the cap saves up."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0
        self.deposits = 0
        self.withdrawals = 0
        self.budget = Budget(lambda: self.time)

    @rule(seconds=st.floats(0, 100))
    def wait(self, seconds: float) -> None:
        self.time += seconds

    @rule(calls=st.integers(1, 50))
    def deposit(self, calls: int) -> None:
        for _ in range(calls):
            self.budget.deposit()
        self.deposits += calls

    @rule(wanted=st.integers(1, 50))
    def withdraw(self, wanted: int) -> None:
        self.withdrawals += sum(self.budget.withdraw() for _ in range(wanted))

    @invariant()
    def never_above_its_rate(self) -> None:
        paid = CAP + self.deposits * DEPOSIT + self.time * FLOOR_PER_SECOND
        assert self.withdrawals <= paid + 1e-6
        assert 0 <= self.budget.fill <= 1


TestAccount = Account.TestCase


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 20)), max_size=60), st.integers(0, 59), st.integers(0, 59))
def test_over_any_window_it_gives_no_more_than_its_rate_and_its_cap(
    steps: list[tuple[float, int]], one: int, other: int
) -> None:
    time = 0.0
    budget = Budget(lambda: time)
    given_at: list[float] = []
    for pause, wanted in steps:
        time += pause
        given_at += [time for _ in range(wanted) if budget.withdraw()]
    if not given_at:
        return
    begin, end = sorted((min(one, len(given_at) - 1), min(other, len(given_at) - 1)))
    seconds = given_at[end] - given_at[begin]
    assert end - begin + 1 <= CAP + seconds * FLOOR_PER_SECOND + 1e-6


def test_a_quiet_service_may_retry_three_times_a_second() -> None:
    time = 0.0
    budget = Budget(lambda: time)
    while budget.withdraw():
        pass
    time = 1.0
    assert [budget.withdraw() for _ in range(4)] == [True, True, True, False]


def test_a_target_that_is_not_asked_any_more_is_forgotten_the_least_recently_used_first() -> None:
    numbers = count(1)
    states = PerTarget(lambda target: next(numbers), most=2)
    a, b, c = (Target("p", name) for name in "abc")
    assert (states[a], states[b], states[a], states[c]) == (1, 2, 1, 3)
    assert len(states) == 2
    assert (states[a], states[b]) == (1, 4)


def test_a_state_may_depend_on_its_target_and_be_looked_at_without_being_made() -> None:
    states = PerTarget(str, most=2)
    a, b = Target("p", "a"), Target("p", "b")
    assert states[a] == "p/a"
    assert (states.get(a), states.get(b), list(states)) == ("p/a", None, [a])


def test_what_was_not_asked_for_is_given_back_and_no_more() -> None:
    budget = Budget(lambda: 0.0)
    assert budget.withdraw()
    assert budget.withdraw()
    budget.give_back()
    assert budget.fill == 1 - 1 / CAP
    budget.give_back()
    budget.give_back()
    assert budget.fill == 1
