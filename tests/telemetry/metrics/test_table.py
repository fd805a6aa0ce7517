"""docs/metrics.md and the code say the same."""

import re
from pathlib import Path

import pytest

from service.telemetry.metrics.exposition import PROCESS_SERIES
from service.telemetry.metrics.instrument import Instrument, Kind
from service.telemetry.metrics.known import Known
from service.telemetry.metrics.most import Dimension, Most
from service.telemetry.metrics.table import TABLE

PAGE = (Path(__file__).parents[3] / "docs/metrics.md").read_text()


def written(instrument: Instrument, known: Known) -> str:
    """Its row of the page."""
    number = f"{instrument.most(known):,}"
    most = instrument.formula if instrument.formula == number else f"{instrument.formula} = {number}"
    labels = ", ".join(f"`{label}`" for label in instrument.labels) or "–"
    names = f"`{instrument.name}` | `{instrument.prometheus_name}` | `{instrument.unit}`"
    return f"| {names} | {instrument.kind.value} | {labels} | {instrument.question} | {most} |"


def test_the_table_of_the_page_is_that_of_the_code(built_in: Known) -> None:
    head = "| metric | in Prometheus | unit | type | labels | what it answers | series at most |\n"
    rows = PAGE.partition(head)[2].partition("\n\n")[0].splitlines()[1:]
    right = [written(instrument, built_in) for instrument in TABLE]
    assert rows == right, "docs/metrics.md should have:\n" + "\n".join(right)


def test_the_page_says_how_many_series_there_can_be(built_in: Known) -> None:
    most = sum(instrument.most(built_in) for instrument in TABLE)
    text = " ".join(PAGE.split())
    assert f"together {most:,}, and {PROCESS_SERIES} of the process" in text
    numbers = [len(names) for names in (built_in.targets, built_in.providers, built_in.routes, built_in.rules)]
    told = re.search(r"T is how many.*?\((\d+).*?P how many.*?\((\d+)\), R routes \((\d+)\), U .*?\((\d+)\)", text)
    assert told is not None
    assert [*map(int, told.groups())] == numbers


def test_the_page_explains_every_label_whose_values_are_not_constant() -> None:
    labels = {label for instrument in TABLE for dimension in instrument.dimensions for label in dimension.labels}
    told = PAGE.partition("What is not known becomes")[2].partition("## What exactly")[0]
    by_convention = {"rpc.method", "rpc.response.status_code", "gen_ai.token.type", "service.version"}
    assert {label for label in labels - by_convention if f"`{label}`" not in told} == set()


def test_the_queries_of_the_page_ask_for_what_there_is() -> None:
    queries = "\n".join(re.findall(r"```promql\n(.*?)```", PAGE, re.DOTALL))
    endings = ("", "_bucket", "_sum", "_count")
    names = {instrument.prometheus_name + ending for instrument in TABLE for ending in endings}
    labels = {label.replace(".", "_") for instrument in TABLE for label in instrument.labels}
    words = set(re.findall(r"\b(?:mainstay|gen_ai|rpc|error)_\w+", queries))
    assert len(words) > 10
    assert words - names - labels == set()


@pytest.mark.parametrize(
    ("name", "unit", "kind", "expected"),
    [
        ("a.calls", "{call}", Kind.COUNTER, "a_calls_total"),
        ("a.open_calls", "{call}", Kind.UP_DOWN, "a_open_calls"),
        ("a.time", "s", Kind.HISTOGRAM, "a_time_seconds"),
        ("a.size", "By", Kind.GAUGE, "a_size_bytes"),
        ("a.sent", "By", Kind.COUNTER, "a_sent_bytes_total"),
        ("a.fill", "1", Kind.GAUGE, "a_fill_ratio"),
        ("a.things", "1", Kind.COUNTER, "a_things_total"),
    ],
)
def test_names_for_prometheus_follow_opentelemetrys_rules(name: str, unit: str, kind: Kind, expected: str) -> None:
    assert Instrument(name, unit, kind, (), "?").prometheus_name == expected


def test_a_formula_has_a_letter_for_what_the_configuration_names() -> None:
    many, few = Dimension(("x",), Most(targets=1, besides=2)), Dimension(("y",), Most(besides=3))
    known = Known(routes=("r",), providers={"p": True})
    one = Instrument("a", "s", Kind.HISTOGRAM, (many, few), "?", buckets=(1, 2))
    assert (one.formula, one.most(known)) == ("5 × (T + 2) × 3", 5 * 2 * 3)
    assert Instrument("a", "1", Kind.GAUGE, (), "?").formula == "1"
