"""M02: the caller's deadline is shorter than any answer. Two seconds, against a first token after 20 s: scale 1."""

from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.chaos.expect import expect_that
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import Scenario
from tests.chaos.seen import Seen

DEADLINE = 2.0
LATE = "slow(20)"
PLAIN_TRUTH = RequestFields(policy=pb.CallPolicy(allow_degraded=False))


def _in_time(seen: Seen) -> None:
    expect_that(seen.seconds < DEADLINE, f"it came after {seen.seconds:.2f} s, past the deadline of {DEADLINE:g} s")


def _said_so_in_time(seen: Seen) -> None:
    _in_time(seen)
    expect_that(bool(seen.answer.notice), "the answer does not say to people what it is")


SCENARIOS = [
    Scenario(
        key="m02",
        does="the deadline is shorter than any answer",
        play=OneCall(
            primary=LATE,
            secondary=LATE,
            seconds=DEADLINE,
            sees="rule answer",
            attempts=["primary ABANDONED"],
            check=_said_so_in_time,
        ),
    ),
    Scenario(
        key="m02-forbidden",
        does="the same, rules forbidden",
        play=OneCall(
            primary=LATE,
            secondary=LATE,
            seconds=DEADLINE,
            fields=PLAIN_TRUTH,
            sees="DEADLINE_EXCEEDED OUT_OF_TIME",
            attempts=["primary ABANDONED"],
            check=_in_time,
        ),
    ),
]
