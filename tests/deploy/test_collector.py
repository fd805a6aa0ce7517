"""The collector's files hang together.

No collector is at hand to read them: deploy/README.md says what that leaves open.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.promtool import DEPLOY

FILES = sorted((DEPLOY / "otel-collector").glob("*.yaml"))
KINDS = ("receivers", "processors", "exporters")
COMPONENTS = {"otlp", "memory_limiter", "batch", "otlp_grpc", "zipkin", "health_check"}


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def file(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def read(file: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(file.read_text("utf-8")))


def test_there_is_one_for_jaeger_and_one_for_zipkin() -> None:
    assert [file.stem for file in FILES] == ["jaeger", "zipkin"]


def test_what_is_defined_is_used_and_what_is_used_is_defined(read: dict[str, Any]) -> None:
    service = read["service"]
    used = {kind: {name for pipeline in service["pipelines"].values() for name in pipeline[kind]} for kind in KINDS}
    assert used == {kind: set(read[kind]) for kind in KINDS}
    assert set(service["extensions"]) == set(read["extensions"])
    assert set(read) == {*KINDS, "extensions", "service"}


def test_components_are_known_ones(read: dict[str, Any]) -> None:
    names = {name.split("/")[0] for kind in (*KINDS, "extensions") for name in read[kind]}
    assert names <= COMPONENTS


def test_memory_is_limited_before_anything_else_is_done(read: dict[str, Any]) -> None:
    assert [*read["service"]["pipelines"]] == ["traces"]
    assert read["service"]["pipelines"]["traces"]["processors"] == ["memory_limiter", "batch"]
    limits = read["processors"]["memory_limiter"]
    assert 0 < limits["spike_limit_mib"] < limits["limit_mib"]


def test_it_listens_on_the_usual_ports_and_on_this_machine_unless_told_otherwise(read: dict[str, Any]) -> None:
    otlp = read["receivers"]["otlp"]["protocols"]
    endpoints = [otlp["grpc"]["endpoint"], otlp["http"]["endpoint"], read["extensions"]["health_check"]["endpoint"]]
    assert endpoints == [f"${{env:LISTEN_HOST:-127.0.0.1}}:{port}" for port in ("4317", "4318", "13133")]


def test_variables_have_defaults_and_are_told_at_the_top(file: Path) -> None:
    text = file.read_text("utf-8")
    used = re.findall(r"\$\{env:([A-Z_]+)(:-)?", text)
    assert all(default for _, default in used)
    for name, _ in used:
        assert re.search(rf"^# {name} ", text, re.MULTILINE)
