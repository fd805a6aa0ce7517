"""Folds a call's ledger into the provenance that its caller gets, with the answer or with the failure."""

from mainstay import v1 as pb
from service.chat.elapsed import put
from service.chat.record import Record


def provenance_of(record: Record, now: float) -> pb.Provenance:
    """`now` is on the call's clock, in seconds."""
    provenance = pb.Provenance()
    write(record, now, provenance)
    return provenance


def write(record: Record, now: float, provenance: pb.Provenance) -> None:
    """The same, into one in which whoever answered may have noted something."""
    provenance.trace_id = record.trace_id
    if record.call is None:
        return
    provenance.route = record.call.route
    provenance.attempts.extend(record.call.ledger)
    if record.started is not None:
        provenance.provider = record.started.provider
        provenance.model = record.started.model
    provenance.joined_call_id = record.call.ledger.joined_call_id
    cost = record.call.ledger.cost
    if cost is not None:
        provenance.cost_nano_usd = cost
    put(provenance.elapsed, now - record.arrived)
    if record.first_token is not None:
        put(provenance.time_to_first_token, record.first_token - record.arrived)
