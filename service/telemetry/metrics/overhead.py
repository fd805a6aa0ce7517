"""How long a call was held up here: before its first request to a provider, and after its last one."""

from google.protobuf.duration_pb2 import Duration

from mainstay import v1 as pb
from service.chat.record import Record


def overhead(record: Record) -> float | None:
    """Seconds of a call's time that are ours. None: it shared another's answer, and waited for that call's requests.

    Without a request to a provider the whole call; else the time until the first one began, and for unary calls also
    that after the last one ended. What lies between (requests, waits before retries) is not ours; of a stream, neither
    is what comes after its first request: there our work and the provider's go on side by side.
    """
    whole = record.ended - record.arrived
    call = record.call
    if call is None:
        return whole
    if call.ledger.joined_call_id:
        return None
    before, until = whole, 0.0
    for row in call.ledger:
        if row.outcome == pb.ATTEMPT_OUTCOME_SKIPPED:
            continue
        began = _seconds(row.started_after)
        before = min(before, began)
        until = max(until, began + _seconds(row.latency) if row.outcome else whole)
    after = whole - until if until and not call.streamed else 0.0
    return before + max(after, 0.0)


def _seconds(duration: Duration) -> float:
    return duration.seconds + duration.nanos / 1e9
