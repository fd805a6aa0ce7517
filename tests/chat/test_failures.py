"""The table of verdicts is complete, and says what DESIGN section 4 says."""

import pytest

from mainstay import v1 as pb
from service.chat.failures import VERDICTS, Again, Blame, Onward, Status

KINDS = sorted(set(pb.FailureKind.values()) - {pb.FAILURE_KIND_UNSPECIFIED})

DESIGN = """
RATE_LIMITED        | if  | yes | -    | yes | yes | UNAVAILABLE
QUOTA_EXHAUSTED     | -   | yes | key  | yes | yes | UNAVAILABLE
BILLING             | -   | yes | key  | yes | yes | UNAVAILABLE
BAD_CREDENTIALS     | -   | yes | key  | yes | yes | UNAVAILABLE
PERMISSION          | -   | yes | key  | yes | yes | UNAVAILABLE
OVERLOADED          | yes | yes | yes  | -   | yes | UNAVAILABLE
UNREACHABLE         | yes | yes | yes  | -   | yes | UNAVAILABLE
CUT_OFF             | once| yes | yes  | -   | yes | UNAVAILABLE
STALLED             | once| yes | yes  | -   | yes | UNAVAILABLE
MALFORMED           | once| yes | yes  | -   | yes | UNAVAILABLE
EMPTY               | once| yes | yes  | -   | yes | UNAVAILABLE
UNKNOWN             | once| yes | yes  | -   | yes | UNAVAILABLE
TOO_SLOW            | -   | yes | yes  | -   | yes | UNAVAILABLE
OUT_OF_TIME         | -   | -   | -    | -   | yes | DEADLINE_EXCEEDED
MODEL_NOT_FOUND     | -   | yes | long | -   | yes | UNAVAILABLE
REJECTED_PARAMETER  | -   | yes | -    | -   | -   | INTERNAL
UNSUPPORTED         | -   | yes | -    | -   | -   | FAILED_PRECONDITION
CONTEXT_TOO_LONG    | -   | big | -    | -   | -   | INVALID_ARGUMENT
INVALID_REQUEST     | -   | -   | -    | -   | -   | INVALID_ARGUMENT
CONTENT_FILTERED    | -   | may | -    | -   | -   | INVALID_ARGUMENT
CIRCUIT_OPEN        | -   | yes | -    | -   | yes | UNAVAILABLE
NOT_CACHED          | -   | -   | -    | -   | -   | NOT_FOUND
CANCELLED           | -   | -   | -    | -   | -   | CANCELLED
"""
AGAIN = {"-": Again.NO, "yes": Again.YES, "once": Again.ONCE, "if": Again.IF_SOON}
ONWARD = {"-": Onward.NO, "yes": Onward.YES, "big": Onward.LARGER_WINDOW, "may": Onward.IF_ALLOWED}
BLAME = {"-": Blame.NOBODY, "yes": Blame.TARGET, "long": Blame.TARGET_LONG, "key": Blame.KEY_LONG}


@pytest.mark.parametrize("kind", KINDS, ids=pb.FailureKind.Name)
def test_every_kind_has_a_verdict(kind: pb.FailureKind.ValueType) -> None:
    assert kind in VERDICTS


@pytest.mark.parametrize("row", DESIGN.strip().splitlines(), ids=lambda row: row.split()[0])
def test_the_verdict_is_the_one_of_the_design(row: str) -> None:
    name, again, onward, blame, rotate, stand_in, status = (cell.strip() for cell in row.split("|"))
    verdict = VERDICTS[pb.FailureKind.Value(f"FAILURE_KIND_{name}")]
    assert (verdict.again, verdict.onward, verdict.blame) == (AGAIN[again], ONWARD[onward], BLAME[blame])
    assert (verdict.rotate_key, verdict.stand_in) == (rotate == "yes", stand_in == "yes")
    assert verdict.status is Status[status]


def test_the_design_names_every_kind() -> None:
    assert {row.split()[0] for row in DESIGN.strip().splitlines()} == {
        pb.FailureKind.Name(kind).removeprefix("FAILURE_KIND_") for kind in KINDS
    }
