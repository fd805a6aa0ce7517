"""Standard variables that OpenTelemetry's exporters read themselves. A mistake there costs telemetry in silence."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path

from service.config.environment import Environment
from service.config.names import did_you_mean
from service.config.otel_endpoints import check_endpoints
from service.config.otel_values import truth
from service.config.problems import Problem

PREFIX = "OTEL_EXPORTER_OTLP"
SIGNALS = ("", "_TRACES", "_METRICS")
PROTOCOLS = ("grpc", "http/protobuf")


def check_exporters(environment: Environment, problems: list[Problem]) -> None:
    """Adds a problem for each variable that no exporter could use, without its value: that may be a credential."""
    check_endpoints(environment, problems)
    for signal in SIGNALS:
        for name, must in _CHECKS.items():
            variable = f"{PREFIX}{signal}_{name}"
            text = environment.variables.get(variable, "").strip()
            if text and (message := must(text)):
                problems.append(Problem(environment.place(variable), (), message))


def unknown(environment: Environment) -> Iterator[Problem]:
    """Variables that are called like an exporter's and are none: what they say is said to nobody."""
    for name in sorted(environment.variables):
        if name.startswith(PREFIX) and name not in _KNOWN:
            message = f"is no variable of OpenTelemetry's{did_you_mean(name, _KNOWN)}"
            yield Problem(environment.place(name), (), message)


def lend(environ: MutableMapping[str, str], dotenv: Mapping[str, str]) -> None:
    """Makes the process's environment one for exporters: they know no `.env`, and stumble over empty texts."""
    for name, text in dotenv.items():
        if name.startswith("OTEL_"):
            environ.setdefault(name, text)
    for name in [name for name in environ if name.startswith("OTEL_")]:
        if not environ[name].strip() or (name.endswith("_COMPRESSION") and environ[name].strip() == "none"):
            del environ[name]


def _protocol(text: str) -> str | None:
    return None if text in PROTOCOLS else f"must be {' or '.join(PROTOCOLS)}"


def _timeout(text: str) -> str | None:
    try:
        return None if 0 < float(text) <= 3600 else "must be more than 0 and at most 3600 seconds"
    except ValueError:
        return "must be a number of seconds"


def _compression(text: str) -> str | None:
    return None if text in ("gzip", "none") else "must be gzip or none"


def _headers(text: str) -> str | None:
    good = all(name.strip() and equals for name, equals, _ in _pairs(text))
    return None if good else "must be name=value, separated by commas"


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    return (item.partition("=") for item in text.split(",") if item.strip())


def _file(text: str) -> str | None:
    return None if Path(text).is_file() else "names a file that is not there"


_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    "PROTOCOL": _protocol,
    "TIMEOUT": _timeout,
    "COMPRESSION": _compression,
    "HEADERS": _headers,
    "CERTIFICATE": _file,
    "CLIENT_KEY": _file,
    "CLIENT_CERTIFICATE": _file,
    "INSECURE": truth,
}
_KNOWN = frozenset(
    {f"{PREFIX}{signal}_{name}" for signal in (*SIGNALS, "_LOGS") for name in ("ENDPOINT", *_CHECKS)}
    | {f"{PREFIX}_METRICS_TEMPORALITY_PREFERENCE", f"{PREFIX}_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"}
)
"""Those of the standard; logs go nowhere, and sums are always cumulative, but somebody else may listen to these."""
