"""What counts as leaving a target alone."""

import time

import pytest

from mainstay import v1 as pb
from tests.chaos.expect import Unmet
from tests.chaos.probes import Openings, expect_one_at_a_time
from tests.chaos.seen import Seen


def a_request(started: float, ended: float | None) -> dict[str, float | None]:
    return {"started": started, "ended": ended}


def test_probes_that_keep_their_distance_are_let_pass() -> None:
    expect_one_at_a_time([a_request(0.0, 0.1), a_request(1.1, 1.2), a_request(2.15, None)], shortest=1.0)


@pytest.mark.parametrize("second", [0.5, 0.95], ids=["both at once", "too soon"])
def test_probes_at_the_same_time_or_too_soon_are_not(second: float) -> None:
    with pytest.raises(Unmet, match="a probe came"):
        expect_one_at_a_time([a_request(0.0, 0.6), a_request(second, 1.0)], shortest=1.0)


def test_requests_count_as_probes_from_the_first_caller_on_who_heard_that_the_circuit_is_open() -> None:
    openings, now = Openings(), time.time()
    requests = [a_request(now + after, now + after) for after in (-1.0, 1.0, 3.0)]
    with pytest.raises(Unmet, match="never opened"):
        openings.probes(requests, until=now + 2)
    openings.heard(seen_with(pb.Attempt(provider="primary-quick", failure=pb.FAILURE_KIND_UNREACHABLE)))
    assert openings.first_heard is None
    openings.heard(seen_with(pb.Attempt(provider="primary-quick", failure=pb.FAILURE_KIND_CIRCUIT_OPEN)))
    assert openings.probes(requests, until=now + 2) == requests[1:2]


def seen_with(attempt: pb.Attempt) -> Seen:
    return Seen(seconds=0.1, response=pb.ChatResponse(provenance=pb.Provenance(attempts=[attempt])))
