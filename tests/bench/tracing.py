"""What tracing costs: the same service with it on, off, and without any tracer."""

from collections.abc import Sequence

from tests.bench.aims import Aim
from tests.bench.measurements import Key, Kind
from tests.bench.services import Service

SERVICES: Sequence[Service] = (Service.FULL, Service.TRACES_OFF, Service.NO_TRACER)


def _key(service: Service) -> Key:
    return Key(Kind.UNARY, service.value)


DIFFERENCES: Sequence[Aim] = (
    Aim("trace_on", "traces on - off", _key(Service.FULL), _key(Service.TRACES_OFF), 200.0),
    Aim("trace_off", "traces off - no tracer", _key(Service.TRACES_OFF), _key(Service.NO_TRACER), 15.0),
)
