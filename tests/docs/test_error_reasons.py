"""`docs/error-reasons.md` and the client's enum know the reasons that a server can give, and their status."""

import ast
from collections.abc import Iterator, Mapping

import grpc
import pytest

from mainstay import Reason
from mainstay import v1 as pb
from service.chat.failures import VERDICTS, Failure
from service.rpc import status
from service.rpc.validation.violations import Violations
from tests.docs.tables import DOCS, ROOT, rows

PAGE = {row["reason"]: row for row in rows(DOCS / "error-reasons.md") if "reason" in row}
KINDS = {Failure(kind, "").reason: verdict.status.value for kind, verdict in VERDICTS.items()}


def edge() -> Iterator[status.Ending]:
    """Every way in which the edge itself ends a call."""
    for call in _refusals():
        match call.args:
            case [ast.Attribute(attr=code), ast.Constant(value=str(reason)), *_]:
                yield status.refused(status.Refusal(grpc.StatusCode[code], reason, ""))
    yield status.internal()
    for only_limits in (True, False):
        violations = Violations()
        (violations.add_limit if only_limits else violations.add)("messages", "wrong")
        yield status.refused(status.invalid(violations))


def _refusals() -> Iterator[ast.Call]:
    for file in sorted((ROOT / "service/rpc").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Refusal") | ast.Attribute(attr="Refusal")):
                    yield node


def statuses() -> Mapping[str, set[str]]:
    """The statuses that each reason can come with."""
    found = {reason: {code} for reason, code in KINDS.items()}
    for ending in edge():
        found.setdefault(ending.reason, set()).add(ending.code.name)
    return found


def test_the_edge_was_looked_through() -> None:
    assert {"DRAINING", "NOT_SERVING", "MODEL_NOT_FOUND", "INVALID_REQUEST", "LIMIT_EXCEEDED", "INTERNAL"} == {
        ending.reason for ending in edge()
    }


def test_the_page_and_the_client_know_every_reason_and_no_other() -> None:
    assert set(PAGE) == set(statuses()) == set(Reason)


@pytest.mark.parametrize("reason", sorted(PAGE))
def test_a_reason_has_the_status_that_the_page_says(reason: str) -> None:
    assert set(PAGE[reason]["status"].split(", ")) == statuses()[reason]


@pytest.mark.parametrize("ending", [*edge()], ids=lambda ending: ending.reason)
def test_the_page_says_whether_to_ask_again_when_the_edge_refuses(ending: status.Ending) -> None:
    again = "later" if ending.pushback else "now" if ending.code is grpc.StatusCode.UNAVAILABLE else "no"
    assert PAGE[ending.reason]["again"] == again


@pytest.mark.parametrize("kind", VERDICTS, ids=pb.FailureKind.Name)
def test_the_page_says_whether_to_ask_again_when_attempts_failed(kind: pb.FailureKind.ValueType) -> None:
    ending = status.failed(Failure(kind, ""), pb.Provenance())
    row = PAGE[ending.reason]
    if len(row["status"].split(", ")) == 1:
        assert row["again"] == ("later" if ending.pushback else "no")
