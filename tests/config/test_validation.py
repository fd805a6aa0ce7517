"""What each field refuses, and how that is told."""

import pytest
from pydantic_core import ErrorDetails

from service.chat.target import Target
from service.config import Place
from service.config.tree import Node
from service.config.wording import message
from tests.config.conftest import Folder

ROW = "providers.p"


def written(path: str, value: str) -> str:
    """One line of YAML for `path`, in a configuration that is otherwise valid."""
    section, _, rest = path.partition(".")
    for key in reversed(rest.split(".")):
        value = f"{{{key}: {value}}}"
    extra = "" if section == "providers" else "providers: {}\n"
    row = "providers: {p: {protocol: openai, base_url: 'http://p'}}\n"
    return (row if section == "routes" else extra) + f"{section}: {value}\n"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("server.address", "50051", "must be host:port, the port from 0 to 65535, "),
        ("server.address", "'h:65536'", "must be host:port"),
        ("server.address", "'a b:1'", "must be host:port"),
        ("server.address", "'[::g]:1'", "must hold an IPv6 address between the brackets (got '[::g]:1')"),
        ("server.address", "''", "must be host:port"),
        ("server.address", "~", "must be text"),
        ("server.address", "[a]", "must be text"),
        ("server.reflection", "maybe", "must be true or false (got 'maybe')"),
        ("server.drain_grace", "30", "needs a unit (ms, s, m, h): write it such as 30s (got '30')"),
        ("server.drain_grace", "11m", "must be at most 10m (got '11m')"),
        ("server.drain_notice", "11m", "must be at most 10m (got '11m')"),
        ("server.max_deadline", "10ms", "must be at least 1s (got '10ms')"),
        ("server.max_deadline", "25h", "must be at most 24h (got '25h')"),
        ("server.default_deadline", "5s", "must be a mapping"),
        ("server.default_deadline.unary", "[]", "must be a number and a unit (ms, s, m, h), such as 30s"),
        ("server.max_concurrent_streams", "0", "must be at least 1 (got '0')"),
        ("server.max_concurrent_streams", "many", "must be a whole number (got 'many')"),
        ("server.log_level", "loud", "must be 'debug', 'info', 'warning' or 'error' (got 'loud')"),
        ("server.adress", "x", "unknown key; did you mean 'address'?"),
        ("server.default_deadline.unry", "x", "unknown key; did you mean 'unary'?"),
        ("server.zzz", "x", "unknown key"),
        ("providers.openai.base_ulr", "x", "unknown key; did you mean 'base_url'?"),
        ("providers.openai.protocol", "smtp", "must be 'openai', 'anthropic' or 'gemini' (got 'smtp')"),
        (
            "providers.openai.models.x.prices.input",
            "cheap",
            "must be US dollars for a million tokens, such as 0.15, with at most 6 decimals (got 'cheap')",
        ),
        ("providers.openai.prices.input", "0.0000001", "must be US dollars for a million tokens, such as 0.15"),
        ("providers.openai.models.x.prices.input", "nan", "must be US dollars for a million tokens, such as 0.15"),
        ("providers.openai.models.x.prices.output", "-1", "must be at least 0 (got '-1')"),
        ("providers.openai.prices.output", "10001", "must be at most 10000 (got '10001')"),
        ("providers.openai.models.x.retires", "soon", "must be a day, such as 2026-12-31 (got 'soon')"),
        ("providers.openai.base_url", "'ftp://x'", "must start with http:// or https:// (got 'ftp://…')"),
        (
            "providers.openai.base_url",
            "api.openai.com",
            "must start with http:// or https:// (got no scheme)",
        ),
        ("providers.openai.base_url", "'https://u:p@x'", "must not hold a user name or password"),
        ("providers.openai.base_url", "'https://x/?a'", "must not hold a query or a fragment"),
        ("providers.openai.base_url", "'https://x#a'", "must not hold a query or a fragment"),
        (
            "providers.openai.base_url",
            "'https://x y'",
            "must be printable ASCII without spaces and backslashes",
        ),
        ("providers.openai.base_url", "'https://'", "must name a host, and a port only from 1 to 65535"),
        ("providers.openai.base_url", "'https://h:0'", "must name a host, and a port only from 1 to 65535"),
        (
            "providers.openai.base_url",
            "'https://h:99999'",
            "must name a host, and a port only from 1 to 65535",
        ),
        ("providers.openai.base_url", "'https://[::1'", "must name a host, and a port only from 1 to 65535"),
        (
            "providers.openai.base_url",
            "'https://x/v1/chat/completions/'",
            "must end before /chat/completions: that is appended",
        ),
        ("providers.openai.api_key", "[a]", "must be text"),
        (
            "providers.openai.api_key",
            "ключ",
            "must be printable ASCII without spaces: it travels in a header",
        ),
        (
            "providers.openai.auth",
            "basic",
            "must be bearer, none or the name of a header, such as api-key or x-auth-token",
        ),
        ("providers.openai.auth", "proxy-authorization", "must be bearer, none or the name of a header"),
        (
            "providers.openai.query",
            "{api-version: a b}",
            "must be of letters, digits and . _ ~ -, at most 128 for each name and value",
        ),
        ("providers.openai.api_keys", "x", "must be a list"),
        ("providers.openai.headers", "{Host: x}", "Host cannot be set here"),
        ("providers.openai.headers", "{authoriZation: x}", "authoriZation cannot be set here"),
        ("providers.openai.headers", "{Content-Length: x}", "Content-Length cannot be set here"),
        ("providers.openai.headers", "{'a b': x}", "'a b' is not a header name"),
        ("providers.openai.headers", "{a: x, A: y}", "A is there twice"),
        (
            "providers.openai.headers",
            '{A: "x\\r\\nB: y"}',
            "A must be at most 4096 printable ASCII characters",
        ),
        ("providers.openai.headers", "x", "must be a mapping"),
        ("providers.openai.proxy", "'socks5://x'", "must start with http:// or https:// (got 'socks5://…')"),
        ("providers.openai.proxy", "'http://u:p@x:1'", "must not hold a user name or password"),
        ("providers.openai.proxy", "'http://x:1/y'", "must be scheme, host and port only"),
        ("providers.openai.ca_file", "/no/such.pem", "must be a file that exists (got '/no/such.pem')"),
        ("providers.openai.connect_timeout", "2m", "must be at most 1m (got '2m')"),
        ("providers.openai.stall_timeout", "1ms", "must be at least 100ms (got '1ms')"),
        ("providers.openai.enabled", "", "must be true or false"),
        ("providers.openai", "x", "must be a mapping"),
        ("routes.r.targets", "[]", "has too few entries: at least 1"),
        ("routes.r.targets", "p/m", "must be a list"),
        ("routes.r.targets", "[p/m, p/n, p/m]", "target 2 repeats target 0"),
        ("routes.r.stall_timeout", "2h", "must be at most 1h (got '2h')"),
        ("routes.r.fallback", "x", "unknown key"),
    ],
)
def test_a_field_refuses_what_it_cannot_use(folder: Folder, path: str, value: str, message: str) -> None:
    folder.write(written(path, value))
    problem = next(problem for problem in folder.problems() if f" {path}: " in problem)
    place, _, told = problem.partition(f" {path}: ")
    assert place.startswith("config.yaml:")
    assert told.startswith(message)
    assert "got" in message or "such as" in told or told == message


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("model", "must be provider/model, the model at most 256 characters without spaces (got 'model')"),
        ("openai/", "must be provider/model"),
        ("/m", "must be provider/model"),
        ("'openai/a b'", "must be provider/model"),
        ("p2/m", "no provider 'p2'"),
        ("opnai/m", "no provider 'opnai'; did you mean 'openai'?"),
    ],
)
def test_a_target_is_a_known_provider_and_a_model(folder: Folder, target: str, message: str) -> None:
    folder.write(f"routes:\n  r:\n    targets:\n      - openai/x\n      - {target}\n")
    (problem,) = folder.problems()
    assert problem.startswith(f"config.yaml:5 routes.r.targets.1: {message}")


@pytest.mark.parametrize("name", ["A", "1a", "a/b", "a.b", "a" * 64, "é", "''"])
def test_providers_and_routes_have_names(folder: Folder, name: str) -> None:
    folder.write(f"providers: {{{name}: {{protocol: openai, base_url: 'http://x'}}}}\n")
    (problem,) = folder.problems()
    assert "[key]" not in problem
    assert "is not a name: use at most 63 lower-case letters" in problem
    folder.write(f"routes: {{{name}: {{targets: [openai/x]}}}}\n")
    assert len(folder.problems()) == 1


def test_providers_that_are_no_mapping_are_told_once_and_not_for_each_target(folder: Folder) -> None:
    folder.write("providers:\n  - name: openai\n")
    assert folder.problems() == ["config.yaml:2 providers: must be a mapping"]


def test_what_is_missing_is_told_where_it_should_be(folder: Folder) -> None:
    folder.write("providers:\n  new:\n    auth: none\nroutes:\n  r: {}\n")
    assert folder.problems() == [
        "config.yaml:3 providers.new.protocol: is required",
        "config.yaml:3 providers.new.base_url: is required",
        "config.yaml:5 routes.r.targets: is required",
    ]


def test_default_deadlines_fit_under_the_maximum(folder: Folder) -> None:
    folder.write("server:\n  default_deadline:\n    stream: 2h\n")
    assert folder.problems() == [
        "config.yaml:3 server.default_deadline.stream: is 2h, over server.max_deadline (30m): lower it too"
    ]


def test_a_value_is_quoted_only_so_far_and_a_strange_key_is_escaped(folder: Folder) -> None:
    folder.write(f'server: {{reflection: {"x" * 200}, "a\\nb": 1}}')
    problems = folder.problems()
    assert problems[0].endswith(f"(got '{'x' * 80}…')")
    assert problems[1] == "config.yaml:1 server.'a\\nb': unknown key"


def test_a_value_from_a_variable_is_told_by_the_name_of_the_variable(folder: Folder) -> None:
    folder.write("server:\n  reflection: ${SHOW:-}\n")
    assert folder.problems(SHOW="x") == ["config.yaml:2 server.reflection: must be true or false (from SHOW)"]
    assert folder.problems(OPENAI_API_KEY="a b")[-1].endswith("travels in a header (from OPENAI_API_KEY)")


def test_a_reference_inside_brackets_is_told_to_take_quotes(folder: Folder) -> None:
    folder.write("routes: {r: {targets: [${NOPE}]}}")
    (problem,) = folder.problems()
    assert problem.startswith("config.yaml:1: is not YAML: ")
    assert problem.endswith("inside { } and [ ] put ${NAME} in quotes")


def test_a_limit_is_told_in_the_kind_of_unit_that_was_written() -> None:
    def told(written: str, limit: float) -> str:
        error = ErrorDetails(type="less_than_equal", loc=(), msg="", input=None, ctx={"le": limit})
        return message(error, Node(written, Place("f")))

    assert told("3m", 120) == "must be at most 2m (got '3m')"
    assert told("3MiB", 2**21) == "must be at most 2MiB (got '3MiB')"
    assert told("3", 2) == "must be at most 2 (got '3')"


def test_a_number_too_long_to_hold_is_a_problem(folder: Folder) -> None:
    folder.write(f"server: {{max_concurrent_streams: {'9' * 5000}}}")
    assert folder.problems()[0].startswith(
        "config.yaml:1 server.max_concurrent_streams: must be a smaller whole number"
    )


def test_all_problems_are_told_at_once_each_with_its_place(folder: Folder) -> None:
    folder.write("server:\n  address: x\nproviders:\n  openai:\n    base_url: ftp://x\n    nope: 1\n")
    folder.write("routes:\n  r:\n    targets: [opnai/x]\n  s:\n    targets: ['${NOPE}']\n", "config.p.yaml")
    folder.write("MAINSTAY__SERVER__DRAIN_GRACE=5", ".env")
    problems = folder.problems(profile="p", MAINSTAY__SERVER__LOG_LEVEL="x")
    assert sorted(problem.partition(": ")[0] for problem in problems) == [
        ".env MAINSTAY__SERVER__DRAIN_GRACE server.drain_grace",
        "config.p.yaml:3 routes.r.targets.0",
        "config.p.yaml:5 routes.s.targets.0",
        "config.yaml:2 server.address",
        "config.yaml:5 providers.openai.base_url",
        "config.yaml:6 providers.openai.nope",
        "environment MAINSTAY__SERVER__LOG_LEVEL server.log_level",
    ]


def test_good_values_are_kept_as_they_are_meant(folder: Folder) -> None:
    pem = folder.write("", "ca.pem")
    folder.write(f"""
        server: {{address: "[::1]:0"}}
        providers:
          mine:
            protocol: openai
            base_url: HTTPS://[::1]:8443/v1//
            proxy: http://proxy:3128/
            ca_file: {pem}
            headers: {{X-Team: 007}}
          plain: {{protocol: openai, base_url: "http://x", proxy: "", ca_file: "", auth: none}}
        routes:
          r: {{targets: [mine/org/model:free], stall_timeout: 1500ms}}
    """)
    settings = folder.load()
    mine, plain = settings.providers["mine"], settings.providers["plain"]
    assert settings.server.address == "[::1]:0"
    assert (mine.base_url, mine.proxy, mine.ca_file) == ("HTTPS://[::1]:8443/v1", "http://proxy:3128", pem)
    assert mine.headers == {"X-Team": "007"}
    assert (plain.proxy, plain.ca_file) == (None, None)
    assert settings.routes["r"].targets == (Target("mine", "org/model:free"),)
    assert settings.routes["r"].stall_timeout == 1.5


def test_a_key_that_would_never_be_sent_is_a_problem(folder: Folder) -> None:
    folder.write("providers:\n  vllm: { enabled: true, api_key: sk-canary, auth: none }\n")
    (problem,) = folder.problems()
    assert "providers.vllm.api_key: is never sent, because auth is none: set auth to bearer" in problem
    assert "canary" not in problem
