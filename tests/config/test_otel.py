"""OpenTelemetry's standard variables: above the files, below MAINSTAY__…, and told when they are wrong."""

from collections.abc import Mapping

import pytest

from service.config import TelemetrySettings, TraceSettings, ignored, lend_to_exporters
from tests.config.conftest import Folder

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317"}
EXPORTER = "telemetry: {traces: {exporter: %s}}"


def traces(folder: Folder, **variables: str) -> TraceSettings:
    return folder.load(variables).telemetry.traces


def exporters(telemetry: TelemetrySettings) -> tuple[str, str]:
    return telemetry.traces.exporter, telemetry.metrics.exporter


def test_without_any_of_them_nothing_is_exported(folder: Folder) -> None:
    assert exporters(folder.load().telemetry) == ("none", "none")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        (ENDPOINT, ("otlp", "otlp")),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:1"}, ("otlp", "none")),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://c:1"}, ("none", "otlp")),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, ("none", "otlp")),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "Console", "OTEL_METRICS_EXPORTER": "none"}, ("console", "none")),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_METRICS_EXPORTER": "prometheus"}, ("otlp", "none")),
        ({"OTEL_METRICS_EXPORTER": "otlp,prometheus"}, ("none", "otlp")),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, ("none", "none")),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "false"}, ("otlp", "otlp")),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " ", "OTEL_TRACES_EXPORTER": ""}, ("none", "none")),
        ({**ENDPOINT, "MAINSTAY__TELEMETRY__TRACES__EXPORTER": "none"}, ("none", "otlp")),
    ],
)
def test_where_things_go(variables: Mapping[str, str], expected: tuple[str, str], folder: Folder) -> None:
    assert exporters(folder.load(variables).telemetry) == expected


@pytest.mark.parametrize(
    ("variables", "expected"), [(ENDPOINT, "none"), ({"OTEL_TRACES_EXPORTER": "otlp"}, "otlp")], ids=["hint", "word"]
)
def test_what_a_file_says_goes_before_a_hint_and_after_a_word(
    variables: Mapping[str, str], expected: str, folder: Folder
) -> None:
    folder.write(EXPORTER % "none")
    assert traces(folder, **variables).exporter == expected


@pytest.mark.parametrize(
    ("variables", "ratio"),
    [
        ({"OTEL_TRACES_SAMPLER_ARG": "0.5"}, 0.5),
        ({"OTEL_TRACES_SAMPLER": "always_on"}, 1),
        ({"OTEL_TRACES_SAMPLER": "parentbased_always_off", "OTEL_TRACES_SAMPLER_ARG": "0.5"}, 0),
        ({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25"}, 0.25),
        ({"OTEL_TRACES_SAMPLER": "traceidratio"}, 1),
        ({"OTEL_TRACES_SAMPLER_ARG": "0.5", "MAINSTAY__TELEMETRY__TRACES__RATIO": "0.1"}, 0.1),
    ],
)
def test_how_many(variables: Mapping[str, str], ratio: float, folder: Folder) -> None:
    assert traces(folder, **variables).ratio == ratio


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tracecontext,baggage", ("tracecontext",)),
        ("b3, JAEGER ,b3", ("b3", "jaeger")),
        ("none", ()),
        ("", ("tracecontext",)),
    ],
)
def test_formats_of_trace_context(text: str, expected: tuple[str, ...], folder: Folder) -> None:
    assert traces(folder, OTEL_PROPAGATORS=text).propagators == expected


def test_the_interval_of_metrics_is_in_milliseconds(folder: Folder) -> None:
    assert folder.load(OTEL_METRIC_EXPORT_INTERVAL="15000").telemetry.metrics.interval == 15


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin", "telemetry.traces.exporter: must be 'none', 'otlp' or 'console'"),
        ("OTEL_METRICS_EXPORTER", "console", "telemetry.metrics.exporter: must be 'none' or 'otlp'"),
        ("OTEL_TRACES_SAMPLER_ARG", "2", "telemetry.traces.ratio: must be at most 1"),
        ("OTEL_TRACES_SAMPLER_ARG", "50%", "telemetry.traces.ratio: must be a number, such as 0.5 (got '50%')"),
        ("OTEL_TRACES_SAMPLER", "often", ": must be one of always_on, always_off"),
        ("OTEL_PROPAGATORS", "xray", "telemetry.traces.propagators.0: must be 'tracecontext', 'b3'"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "1m", ": must be a whole number of milliseconds"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", ": must be grpc or http/protobuf"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "udp", ": must be grpc or http/protobuf"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", ": must begin with http:// or https://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://", ": must name a host, and a port only from 1 to 65535"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://h:99999/", ": must name a host, and a port only"),
        ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://h:0", ": must name a host, and a port only"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1", ": must name a host, and a port only"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://two words", ": must name a host, and a port only"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:pw@h:4317", ": must not hold a user name or password"),
        ("OTEL_EXPORTER_OTLP_INSECURE", "maybe", ": must be true or false"),
        ("OTEL_SDK_DISABLED", "1", ": must be true or false"),
        ("OTEL_SDK_DISABLED", "yes", ": must be true or false"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "abc", ": must be a whole number, such as 128"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "-1", ": must be a whole number, such as 128"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "1e3", ": must be a whole number, such as 128"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "soon", ": must be a number of seconds"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0", ": must be more than 0 and at most 3600 seconds"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", ": must be gzip or none"),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "gone.pem", ": names a file that is not there"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable(name: str, text: str, told: str, folder: Folder) -> None:
    (problem,) = folder.problems({name: text})
    assert problem.startswith(f"environment {name}")
    assert told in problem


@pytest.mark.parametrize("url", ["http://canary:canary@h:99999/", "http://canary:canary@h:4317", "canary@h"])
def test_an_endpoint_that_leads_nowhere_is_told_without_what_may_be_a_password(url: str, folder: Folder) -> None:
    (problem,) = folder.problems(OTEL_EXPORTER_OTLP_ENDPOINT=url)
    assert problem.startswith("environment OTEL_EXPORTER_OTLP_ENDPOINT: must ")
    assert "canary" not in problem


@pytest.mark.parametrize(
    "variables",
    [
        {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
        {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf"},
    ],
)
def test_over_http_an_endpoint_may_hold_a_user_name(variables: Mapping[str, str], folder: Folder) -> None:
    folder.load(variables, OTEL_EXPORTER_OTLP_ENDPOINT="https://user:pw@collector/otlp")


def test_an_endpoint_that_one_of_two_exporters_cannot_use_is_told(folder: Folder) -> None:
    variables = {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"}
    (problem,) = folder.problems(variables, OTEL_EXPORTER_OTLP_ENDPOINT="http://user:pw@h:4317")
    assert "which gRPC does not know" in problem


@pytest.mark.parametrize(
    "variables",
    [
        {"OTEL_SDK_DISABLED": "False", "OTEL_EXPORTER_OTLP_TRACES_INSECURE": "TRUE"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://[::1]:4317/", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c"},
        {
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": " 12 ",
            "OTEL_BSP_SCHEDULE_DELAY": "5000",
            "OTEL_SPAN_LINK_COUNT_LIMIT": "",
        },
    ],
)
def test_what_can_be_used_is_no_problem(variables: Mapping[str, str], folder: Folder) -> None:
    folder.load(variables)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("OTEL_EXPORTER_OTLP_TRACE_ENDPOINT", "; did you mean 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'?"),
        ("OTEL_EXPORTER_OTLP_ENDPOINTS", "; did you mean 'OTEL_EXPORTER_OTLP_ENDPOINT'?"),
        ("OTEL_EXPORTER_OTLP_METRIC_INSECURE", "; did you mean 'OTEL_EXPORTER_OTLP_METRICS_INSECURE'?"),
    ],
)
def test_a_variable_that_nobody_reads_is_told_and_is_no_error(name: str, told: str, folder: Folder) -> None:
    folder.load({name: "http://c:1"})
    (problem,) = ignored(None, {name: "http://c:1"}, folder.path)
    assert str(problem) == f"environment {name}: is no variable of OpenTelemetry's{told}"


def test_a_variable_that_nobody_reads_is_found_in_dotenv_too(folder: Folder) -> None:
    folder.write("OTEL_EXPORTER_OTLP_ENDPIONT=http://c:1", ".env")
    (problem,) = ignored(None, {}, folder.path)
    assert str(problem).startswith(".env OTEL_EXPORTER_OTLP_ENDPIONT: ")


def test_variables_of_the_standard_are_not_told_of(folder: Folder) -> None:
    known = ("ENDPOINT", "TRACES_INSECURE", "LOGS_ENDPOINT", "METRICS_TEMPORALITY_PREFERENCE", "CLIENT_KEY")
    assert list(ignored(None, {f"OTEL_EXPORTER_OTLP_{name}": "x" for name in known}, folder.path)) == []


@pytest.mark.parametrize("text", ["canary", "=canary", "a=1,canary", "canary b"])
def test_headers_that_cannot_be_read_are_told_without_what_they_say(text: str, folder: Folder) -> None:
    (problem,) = folder.problems(OTEL_EXPORTER_OTLP_HEADERS=text)
    assert problem == "environment OTEL_EXPORTER_OTLP_HEADERS: must be name=value, separated by commas"


def test_good_headers_are_no_problem(folder: Folder) -> None:
    folder.load(OTEL_EXPORTER_OTLP_HEADERS="authorization=Basic%20abc==,x=1,")


def test_dotenv_is_as_good_as_the_environment_and_named_as_what_it_is(folder: Folder) -> None:
    folder.write("OTEL_TRACES_EXPORTER=otlp\nOTEL_TRACES_SAMPLER_ARG=0.5", ".env")
    assert (traces(folder).exporter, traces(folder, OTEL_TRACES_SAMPLER_ARG="1").ratio) == ("otlp", 1)
    folder.write("OTEL_TRACES_EXPORTER=x", ".env")
    assert folder.problems()[0].startswith(".env OTEL_TRACES_EXPORTER")


def test_exporters_find_the_variables_of_dotenv_and_none_that_they_stumble_over(folder: Folder) -> None:
    folder.write("OTEL_A=file\nOTEL_B=file\nMAINSTAY__X=file\nDEEPSEEK_API_KEY=file\nOTEL_EMPTY=", ".env")
    environ = {"OTEL_B": "process", "PATH": "/", "OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_C": " "}
    lend_to_exporters(None, environ, folder.path)
    assert environ == {"OTEL_A": "file", "OTEL_B": "process", "PATH": "/"}
