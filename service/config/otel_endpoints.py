"""Where collectors are: what an endpoint of `OTEL_EXPORTER_OTLP_…` must be for an exporter to get there."""

import re
from urllib.parse import SplitResult, urlsplit

from service.config.environment import Environment
from service.config.problems import Problem

_ENDPOINTS = {
    "OTEL_EXPORTER_OTLP_ENDPOINT": ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"),
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",),
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": ("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",),
}
"""By name, what says how each exporter that goes there speaks, if OTEL_EXPORTER_OTLP_PROTOCOL is not to say it."""
_PRINTABLE = re.compile(r"[!-~]+")


def check_endpoints(environment: Environment, problems: list[Problem]) -> None:
    """Adds a problem for each that leads nowhere, without its text: there may be a password in it."""
    for name, protocols in _ENDPOINTS.items():
        text = environment.variables.get(name, "").strip()
        over_grpc = any(_protocol(protocol, environment) == "grpc" for protocol in protocols)
        if text and (message := _wrong(text, over_grpc=over_grpc)):
            problems.append(Problem(environment.place(name), (), message))


def _protocol(name: str, environment: Environment) -> str:
    said = (environment.variables.get(variable, "").strip() for variable in (name, "OTEL_EXPORTER_OTLP_PROTOCOL"))
    return next(filter(None, said), "grpc")


def _wrong(text: str, *, over_grpc: bool) -> str | None:
    if not text.startswith(("http://", "https://")):
        return "must begin with http:// or https://"
    split = _parsed(text)
    if split is None or not split.hostname:
        return "must name a host, and a port only from 1 to 65535, such as http://collector:4317"
    if over_grpc and "@" in split.netloc:
        return "must not hold a user name or password, which gRPC does not know: OTEL_EXPORTER_OTLP_HEADERS may"
    return None


def _parsed(url: str) -> SplitResult | None:
    try:
        split = urlsplit(url)
        return split if _PRINTABLE.fullmatch(url) and split.port != 0 else None
    except ValueError:
        return None
