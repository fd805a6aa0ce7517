"""OpenTelemetry's standard variables as a layer of the configuration, above the files and below `MAINSTAY__…`.

What is only about how a collector is spoken to, the exporters read themselves: `otel_exporters` looks whether they can.
"""

from collections.abc import Iterator

from service.config.environment import Environment
from service.config.otel_exporters import check_exporters
from service.config.otel_values import truth, wrong_numbers
from service.config.problems import KeyPath, Problem
from service.config.tree import Node, find, merge

TRACES = ("telemetry", "traces")
METRICS = ("telemetry", "metrics")
_SAMPLERS = {
    "always_on": "1",
    "always_off": "0",
    "traceidratio": None,
    "parentbased_always_on": "1",
    "parentbased_always_off": "0",
    "parentbased_traceidratio": None,
}
"""By name, the ratio; None: OTEL_TRACES_SAMPLER_ARG says it. All are parent-based here: a caller's decision counts."""

Written = tuple[KeyPath, Node]


def otel(below: Node, environment: Environment, problems: list[Problem]) -> Node:
    """`below` with the standard variables over it."""
    standard = _Standard(environment, problems)
    check_exporters(environment, problems)
    problems += wrong_numbers(environment)
    tree = below
    for path, node in (*standard.exporters(below), *standard.sampling(), *standard.others()):
        tree = merge(tree, _at(path, node))
    return tree


def _at(path: KeyPath, node: Node) -> Node:
    for key in reversed(path):
        node = Node({str(key): node}, node.place)
    return node


class _Standard:
    """What each variable says; empty is as good as unset."""

    def __init__(self, environment: Environment, problems: list[Problem]) -> None:
        self._environment = environment
        self._variables = environment.variables
        self._problems = problems

    def exporters(self, below: Node) -> Iterator[Written]:
        """Whether anything is exported. An endpoint alone is a hint, which counts unless a file says otherwise."""
        disabled = self._text("OTEL_SDK_DISABLED").lower()
        if disabled and (message := truth(disabled)):
            self._problems.append(Problem(self._environment.place("OTEL_SDK_DISABLED"), (), message))
        for signal, section in (("TRACES", TRACES), ("METRICS", METRICS)):
            path = (*section, "exporter")
            hints = (f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
            hint = next(filter(self._text, hints), None)
            if disabled == "true":
                yield path, self._node("OTEL_SDK_DISABLED", "none")
            elif named := self._text(f"OTEL_{signal}_EXPORTER"):
                yield path, self._node(f"OTEL_{signal}_EXPORTER", _without_prometheus(named))
            elif hint is not None and find(below, path) is None:
                yield path, self._node(hint, "otlp")

    def sampling(self) -> Iterator[Written]:
        """How many calls are exported although nothing went wrong."""
        sampler, argument = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
        name = self._text(sampler).lower()
        if name and name not in _SAMPLERS:
            self._problems.append(
                Problem(self._environment.place(sampler), (), f"must be one of {', '.join(_SAMPLERS)}")
            )
        elif name and (ratio := _SAMPLERS[name]):
            yield (*TRACES, "ratio"), self._node(sampler, ratio)
        elif text := self._text(argument):
            yield (*TRACES, "ratio"), self._node(argument, text)
        elif name:
            yield (*TRACES, "ratio"), self._node(sampler, "1")

    def others(self) -> Iterator[Written]:
        """Formats of trace context, and the time between two pushes of metrics."""
        name = "OTEL_PROPAGATORS"
        if text := self._text(name).lower():
            # Baggage is never passed on; it is in the standard's own default, so it is no mistake to name it.
            named = dict.fromkeys(item.strip() for item in text.split(","))
            formats = [self._node(name, item) for item in named if item not in ("", "baggage", "none")]
            yield (*TRACES, "propagators"), Node(list(formats), self._environment.place(name))
        name = "OTEL_METRIC_EXPORT_INTERVAL"
        if text := self._text(name):
            if text.isascii() and text.isdigit():
                yield (*METRICS, "interval"), self._node(name, f"{text}ms")
            else:
                place = self._environment.place(name)
                self._problems.append(Problem(place, (), "must be a whole number of milliseconds"))

    def _text(self, name: str) -> str:
        return self._variables.get(name, "").strip()

    def _node(self, name: str, text: str) -> Node:
        return Node(text, self._environment.place(name), literal=True)


def _without_prometheus(named: str) -> str:
    """Metrics can always be fetched that way: that they are is nothing to configure."""
    others = [name for item in named.lower().split(",") if (name := item.strip()) != "prometheus"]
    return ",".join(others) or "none"
