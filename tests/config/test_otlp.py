"""How a collector is spoken to."""

import pytest

from service.config.otlp import otlp_endpoint, otlp_protocol


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "grpc"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, "http/protobuf"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "grpc"}, "grpc"),
        ({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}, "grpc"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": ""}, "grpc"),
    ],
)
def test_the_signals_own_variable_goes_before_the_common_one(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert otlp_protocol("METRICS") == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "http://localhost:4317"),
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, "http://localhost:4318"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "https://me:secret@collector:4318/v1?key=secret"}, "https://collector:4318"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://one", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://[::1]:2"},
            "http://[::1]:2",
        ),
    ],
)
def test_of_an_endpoint_only_scheme_host_and_port_are_told(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    assert otlp_endpoint("METRICS") == expected
