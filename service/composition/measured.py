"""What of the settings metrics need: the names that may become labels, and whether anybody looks at them."""

from service.chat.target import Target
from service.config import Settings
from service.config.digest import digest
from service.config.otlp import otlp_endpoint, otlp_protocol
from service.policies.rules import DEFAULT
from service.telemetry.metrics.known import Known
from service.telemetry.metrics.metrics import Measuring
from service.version import VERSION


def measuring(settings: Settings) -> Measuring | None:
    """What is to be measured. None: nothing, since it is neither pushed nor can be fetched."""
    pushed = settings.telemetry.metrics.exporter == "otlp"
    if not pushed and settings.server.admin_address is None:
        return None
    return Measuring(
        known=known(settings),
        interval=settings.telemetry.metrics.interval if pushed else None,
        protocol=otlp_protocol("METRICS"),
        endpoint=otlp_endpoint("METRICS"),
    )


def known(settings: Settings) -> Known:
    """Names from the configuration."""
    return Known(
        version=VERSION,
        digest=digest(settings),
        routes=tuple(settings.routes),
        targets=targets_of(settings),
        rules=(DEFAULT, *(rule.name for rule in settings.degradation.rules)),
        providers={name: settings.why_unusable(name) is None for name in settings.providers},
    )


def targets_of(settings: Settings) -> tuple[Target, ...]:
    """Of all routes, each once: those that the configuration names."""
    return tuple(dict.fromkeys(target for route in settings.routes.values() for target in route.targets))
