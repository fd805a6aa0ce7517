"""Reads what /metrics says, as Prometheus would."""

from collections.abc import Callable, Mapping

from prometheus_client.parser import text_string_to_metric_families

Exposition = Callable[[str], tuple[str, bytes]]


def series(exposition: Exposition, *, but: tuple[str, ...] = ("process_", "python_")) -> dict[str, float]:
    """Every series and its value; `but` are those of the process."""
    lines = exposition("")[1].decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith(("#", *but)))
    return {name: float(value) for name, _, value in pairs}


def values(exposition: Exposition, name: str) -> dict[tuple[str, ...], float]:
    """The values of one name, by their labels in the order of their names; what is empty is left out."""
    return {
        tuple(value for _, value in sorted(sample.labels.items()) if value): sample.value
        for family in text_string_to_metric_families(exposition("")[1].decode())
        for sample in family.samples
        if sample.name == name
    }


def value(exposition: Exposition, name: str, labels: Mapping[str, str]) -> float:
    """One value; 0 if there is no such series."""
    for family in text_string_to_metric_families(exposition("")[1].decode()):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return float(sample.value)
    return 0.0
