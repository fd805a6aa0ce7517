"""`mainstayd check`, `catalog` and `settings`, as somebody types them."""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.kit.process import environment
from tests.kit.process import mainstayd as running
from tests.kit.replay import Replayed, replaying

ANSWER = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"length"}]}'
KEY = "sk-canary-0123456789"


async def mainstayd(*args: str, folder: Path, **variables: str) -> tuple[int, str, str]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service.cli", *args),
        cwd=folder,
        env=environment(**variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    assert child.returncode is not None
    return child.returncode, out.decode(), err.decode()


def configured(folder: Path, *urls: str) -> None:
    rows = "".join(f"  p{n}: {{protocol: openai, base_url: '{url}', api_key: {KEY}}}\n" for n, url in enumerate(urls))
    targets = ", ".join(f"p{n}/m" for n in range(len(urls)))
    (folder / "config.yaml").write_text(f"providers:\n{rows}routes: {{r: {{targets: [{targets}]}}}}\n")


async def test_a_probe_tells_of_every_target_and_never_the_key(tmp_path: Path) -> None:
    refuses = Replayed(status=401, body=f'{{"error":{{"message":"bad key {KEY}"}}}}'.encode())
    works = Replayed(body=ANSWER)
    async with replaying(works) as good, replaying(refuses) as bad:
        configured(tmp_path, good, bad)
        code, out, err = await mainstayd("check", "--probe", folder=tmp_path)
    lines = [line.split("s  ")[1] for line in out.splitlines() if " s  " in line]
    assert (code, lines[0], lines[1].split(":")[0]) == (1, "ok", "BAD_CREDENTIALS")
    assert KEY not in out + err
    assert b'"max_tokens":1' in works.requests[0]


async def test_a_probe_is_good_when_every_target_answers(tmp_path: Path) -> None:
    async with replaying(Replayed(body=ANSWER)) as good:
        configured(tmp_path, good)
        code, out, err = await mainstayd("check", "--probe", "--quiet", folder=tmp_path)
    assert (code, out, err) == (0, "", "")


async def test_a_probe_that_finds_nobody_to_ask_is_not_good(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(f"providers: {{litellm: {{api_key: {KEY}}}}}\n")  # in no route
    code, _, _ = await mainstayd("check", "--probe", folder=tmp_path)
    assert code == 3


async def test_the_catalog_shows_every_row_and_one_in_detail(tmp_path: Path) -> None:
    code, out, _ = await mainstayd("catalog", folder=tmp_path)
    assert code == 0
    assert "deepseek/deepseek-flash" in out
    code, out, _ = await mainstayd("catalog", "azure", folder=tmp_path)
    assert (code, out.splitlines()[0]) == (0, "azure")
    code, out, err = await mainstayd("catalog", "nobody", folder=tmp_path)
    assert (code, out) == (1, "")
    assert "no row 'nobody'" in err


@pytest.mark.parametrize("command", [("check",), ("check", "--probe", "--quiet"), ("serve",)], ids=" ".join)
async def test_a_number_that_the_sdk_cannot_read_is_one_clear_line(command: tuple[str, ...], tmp_path: Path) -> None:
    code, out, err = await mainstayd(*command, folder=tmp_path, OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT="abc")
    problem = "environment OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: must be a whole number, such as 128"
    assert (code, out, err) == (1, "", f"mainstayd: the configuration is not valid:\n{problem}\n")


async def test_what_dotenv_says_is_looked_through_before_the_sdk_reads_it(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OTEL_BSP_SCHEDULE_DELAY=soon\n")
    code, _, err = await mainstayd("serve", folder=tmp_path)
    assert code == 1
    assert ".env OTEL_BSP_SCHEDULE_DELAY: must be a whole number" in err
    assert "Traceback" not in err


async def test_a_variable_of_exporters_that_nobody_reads_is_a_warning(tmp_path: Path) -> None:
    typo = {"OTEL_EXPORTER_OTLP_TRACE_ENDPOINT": "http://c:1"}
    code, out, err = await mainstayd("check", folder=tmp_path, OPENAI_API_KEY=KEY, **typo)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1].endswith("; did you mean 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'?")
    assert (await mainstayd("check", "--quiet", folder=tmp_path, OPENAI_API_KEY=KEY, **typo)) == (0, "", "")


async def test_serve_warns_of_it_too(tmp_path: Path) -> None:
    async with running(tmp_path, OPENAI_API_KEY=KEY, OTEL_EXPORTER_OTLP_TRACE_ENDPOINT="http://c:1") as process:
        assert process.lines("serving")
    (line,) = process.said
    assert line.startswith("mainstayd: warning: environment OTEL_EXPORTER_OTLP_TRACE_ENDPOINT: is no variable")


async def test_settings_are_listed_and_found_by_a_word(tmp_path: Path) -> None:
    code, out, err = await mainstayd("settings", "Admin", folder=tmp_path)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "server.admin_address",
        "  host:port for /metrics, /livez and /readyz over HTTP; null: none of them.",
        "  text; default 127.0.0.1:9464",
        "  MAINSTAY__SERVER__ADMIN_ADDRESS",
    ]
    code, out, err = await mainstayd("settings", "admni", folder=tmp_path)
    assert (code, out) == (1, "")
    assert "no setting has 'admni' in its name" in err


async def test_all_settings_are_listed_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("server: {adress: wrong}\n")  # which does not matter for it
    code, out, _ = await mainstayd("settings", folder=tmp_path)
    assert code == 0
    assert out.startswith("server.address\n")
    assert "\n\ntelemetry.metrics.interval\n" in out
