"""The access line: one for each call, once its outcome is known.

It never holds what was asked or answered, labels, or metadata beyond the caller's name and the request id.
"""

import structlog

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.record import Record

SOURCES = {number: name.removeprefix("SOURCE_") for name, number in pb.Source.items()}
OURS = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL")
"""Statuses that are not the caller's doing."""
MUST_BE_REPAIRED = "REJECTED_PARAMETER"
"""The reason that every such call will fail for until somebody changes the catalog, or the code."""

STAND_INS = (pb.SOURCE_RULE, pb.SOURCE_STALE_CACHE)
"""Who answers when no model can."""

_IN_VAIN = frozenset({pb.ATTEMPT_OUTCOME_FAILED, pb.ATTEMPT_OUTCOME_ABANDONED, pb.ATTEMPT_OUTCOME_SKIPPED})

log = structlog.get_logger()


def tell(record: Record) -> None:
    """Writes the line of a call that has ended."""
    fields = line(record)  # one argument: as keywords they cost 2 µs more
    if record.status not in OURS or _was_turned_away_while_draining(record):
        log.info("call", fields=fields)
    elif record.reason == MUST_BE_REPAIRED:
        log.error("call", fields=fields)
    else:
        log.warning("call", fields=fields)


def line(record: Record) -> dict[str, object]:
    """The fields; those that say nothing are left out."""
    fields: dict[str, object] = {
        "method": record.method,
        "caller": record.caller,
        "model": record.model,
        "status": record.status,
        "duration_ms": _milliseconds(record.ended - record.arrived),
        "request_id": record.request_id,
        "trace_id": record.trace_id,
        "span_id": record.span_id,
    }
    if record.reason:
        fields["reason"] = record.reason
    if record.call is not None:
        fields["call_id"] = record.call.id
        fields["route"] = record.call.route
        fields["attempts"] = record.call.ledger.requests
        cost = record.call.ledger.cost
        if cost is not None:
            fields["cost_usd"] = cost / 1e9
        if record.call.ledger.joined_call_id:
            fields["joined_call_id"] = record.call.ledger.joined_call_id
        if _went_wrong(record) and (failed := _failed(record.call)):
            fields["failed"] = failed
    if record.started is not None:
        if record.started.provider:  # a rule has none
            fields["provider"] = record.started.provider
            fields["used_model"] = record.started.model
        fields["source"] = SOURCES[record.started.source]
    if record.first_token is not None:
        fields["first_token_ms"] = _milliseconds(record.first_token - record.arrived)
    if record.usage is not None:
        fields["input_tokens"] = record.usage.input_tokens
        fields["output_tokens"] = record.usage.output_tokens
    return fields


def _was_turned_away_while_draining(record: Record) -> bool:
    """Part of every deployment, and nobody's loss: another server answers. To be cut short is a loss."""
    return record.reason == "DRAINING" and record.call is None


def _went_wrong(record: Record) -> bool:
    """Whether no model answered; something else may have stood in."""
    return bool(record.reason) or (record.started is not None and record.started.source in STAND_INS)


def _failed(call: Call) -> list[str]:
    """Whom was asked in vain, and why: in order, each pair once. Who was given up has no failure of its own."""
    told = (f"{row.provider}/{row.model} {_why(row)}" for row in call.ledger if row.outcome in _IN_VAIN)
    return list(dict.fromkeys(told))


def _why(row: pb.Attempt) -> str:
    if row.outcome == pb.ATTEMPT_OUTCOME_ABANDONED:
        return "ABANDONED"
    return pb.FailureKind.Name(row.failure).removeprefix("FAILURE_KIND_")


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
