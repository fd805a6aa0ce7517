"""Whether calls should be sent here, as /readyz tells it: the configuration and the server, in the words of admin.

Ready is what gRPC health calls SERVING, so that no two probes contradict each other.
"""

from service.admin.readiness import Component, Readiness, Status
from service.config import Settings


def readiness(settings: Settings, closed: str | None) -> Readiness:
    """`closed` says why the server lets no calls in; None: it does."""
    providers = [_provider(settings, name) for name in sorted(settings.providers)]
    anybody = any(provider.status is Status.OK for provider in providers)
    server = Component("grpc", Status.UNUSABLE if closed else Status.OK, closed or "serving")
    routes = [_route(settings, name) for name in sorted(settings.routes)]
    ready = closed is None and anybody
    return Readiness(ready, [_configuration(settings, anybody=anybody), server, *providers, *routes])


def _configuration(settings: Settings, *, anybody: bool) -> Component:
    """Valid, or it would not have been loaded; whether it is enough is another question."""
    if anybody:
        return Component("configuration", Status.OK)
    why = "no provider can be asked" if settings.providers else "no provider is configured"
    return Component("configuration", Status.UNUSABLE, why)


def _provider(settings: Settings, name: str) -> Component:
    obstacle = settings.why_unusable(name)
    return Component(f"provider {name}", Status.UNUSABLE if obstacle else Status.OK, obstacle or "")


def _route(settings: Settings, name: str) -> Component:
    of_all, usable = len(settings.routes[name].targets), len(settings.usable_targets(name))
    status = Status.UNUSABLE if not usable else Status.PARTIAL if usable < of_all else Status.OK
    return Component(f"route {name}", status, f"{usable} of {of_all} targets usable")
