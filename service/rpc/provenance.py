"""Folds a call's ledger into the provenance that its caller gets, with the answer or with the failure."""

from mainstay import v1 as pb
from service.chat.call import Call


def provenance_of(
    call: Call, started: pb.Started | None, first_token: float | None, now: float, trace_id: str
) -> pb.Provenance:
    """`started` says whose answer it is, None that nobody answered; `first_token` and `now` are on the call's clock."""
    provenance = pb.Provenance(route=call.route, attempts=call.ledger, trace_id=trace_id)
    if started is not None:
        provenance.provider = started.provider
        provenance.model = started.model
    provenance.elapsed.FromNanoseconds(round((now - call.arrived) * 1e9))
    if first_token is not None:
        provenance.time_to_first_token.FromNanoseconds(round((first_token - call.arrived) * 1e9))
    return provenance
