"""Which answers estimates are learnt from, and when."""

from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.target import Candidate, Target
from service.pipeline.facts import AttemptEnded, CacheMissed, Fact
from service.pipeline.learning import Learning
from service.policies.estimates import FIRST, Estimates

ACall = Callable[..., Call]
TEXT = "mast " * 1000
WHO = Target("p", "m")


class Later:
    """Does nothing until it is told to."""

    def __init__(self) -> None:
        self.works: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.works.append(work)

    def comes(self) -> None:
        for work in self.works:
            work()


def ended(outcome: pb.AttemptOutcome.ValueType = pb.ATTEMPT_OUTCOME_ANSWERED, **usage: object) -> AttemptEnded:
    row = pb.Attempt(outcome=outcome)
    if usage:
        row.usage.CopyFrom(pb.Usage(**usage))  # type: ignore[arg-type]
    return AttemptEnded(row, None)


@pytest.fixture
def asked(a_call: ACall) -> Call:
    return a_call(text=TEXT, candidates=[Candidate(target=WHO)])


def test_what_a_provider_counted_is_learnt_from_after_the_reply(asked: Call) -> None:
    estimates, later = Estimates(), Later()
    before = estimates.at_least(asked.request, WHO)
    Learning(estimates, later).observe(asked, ended(input_tokens=2 * before))
    assert estimates.at_least(asked.request, WHO) == before
    later.comes()
    assert estimates.at_least(asked.request, WHO) == pytest.approx(1.5 * before, abs=1)


@pytest.mark.parametrize(
    "fact",
    [
        CacheMissed(),
        ended(),
        ended(output_tokens=5),
        ended(input_tokens=5, estimated=True),
        ended(pb.ATTEMPT_OUTCOME_FAILED, input_tokens=5),
        ended(pb.ATTEMPT_OUTCOME_ABANDONED, input_tokens=5),
    ],
    ids=lambda fact: str(fact)[:40],
)
def test_nothing_is_learnt_from_what_nobody_counted(fact: Fact, asked: Call) -> None:
    later = Later()
    Learning(Estimates(), later).observe(asked, fact)
    assert not later.works


def test_of_many_answers_few_are_learnt_from(asked: Call) -> None:
    later = Later()
    learning = Learning(Estimates(), later)
    for _ in range(100):
        learning.observe(asked, ended(input_tokens=900))
    assert len(later.works) == FIRST
