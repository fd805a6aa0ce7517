"""Secrets stay where they belong, whoever echoes them: not in logs, metrics, probes, errors, spans or the cache."""

import gc
import json
from dataclasses import replace
from pathlib import Path

import pytest

from service.app import running
from service.config import Settings
from service.stores.memory import MemoryStore
from service.telemetry.stdlib import bridged
from service.telemetry.telemetry import telemetry
from service.version import VERSION
from tests.kit.canaries import HEADER, KEY, NEVER_SAID_BACK, OF_THE_CALLER, PARTS
from tests.kit.log_schema import Schema
from tests.kit.process import mainstayd
from tests.kit.singing import sing, singing
from tests.kit.songs import SONGS
from tests.kit.spans import SpanBook
from tests.kit.web import fetch
from tests.kit.written import written

PROTOCOLS = {"openai": "bearer", "anthropic": "x-api-key", "gemini": "x-goog-api-key"}
"""And how the key travels in each."""
PAGES = ("/", "/readyz", "/livez", "/targets", "/metrics")

each = pytest.mark.parametrize("protocol", PROTOCOLS)


def configuration(url: str, protocol: str) -> dict[str, object]:
    """A route for each song, which is asked twice and then of another, so that every kind of line is written."""
    identity = {"auth": PROTOCOLS[protocol], "api_key": KEY, "headers": {"x-gateway-token": HEADER}}
    provider = {"protocol": protocol, "base_url": url, **identity}
    routes = {
        f"r-{name}": {
            "targets": [f"singer/{name}", f"chorus/{name}"],
            "tries": {"first": 2, "later": 1},
            "degrade": name == "error-503",
            "cache": {"use": True},
        }
        for name in SONGS[protocol]
    }
    server = {"address": "127.0.0.1:0", "admin_address": "127.0.0.1:0", "drain_grace": "0s", "log_level": "debug"}
    return {"server": server, "providers": {"singer": provider, "chorus": provider}, "routes": routes}


def assert_silent(where: str, said: str, *canaries: str) -> None:
    found = {canary: said[max(0, said.index(canary) - 200) :][:400] for canary in canaries if canary in said}
    assert not found, f"{where}: {found}"


@each
async def test_nothing_secret_leaves_the_process_but_to_whom_it_belongs(tmp_path: Path, protocol: str) -> None:
    songs = SONGS[protocol]
    async with singing() as url:
        (tmp_path / "config.yaml").write_text(json.dumps(configuration(url, protocol)))
        async with mainstayd(tmp_path, MAINSTAY__SERVER__ADMIN_ADDRESS="127.0.0.1:0") as process:
            told = await sing(process.address, songs, lambda name: f"r-{name}")
            admin = process.lines("serving")[0]["admin"]
            pages = {path: await fetch(admin, path) for path in PAGES}

    assert len(process.lines("call")) == 2 * len(songs) + 1, "each song twice, and the list of models"
    statuses = {line["status"] for line in process.lines("call")}
    assert {"OK", "UNAVAILABLE", "INVALID_ARGUMENT"} <= statuses, "the songs were not all sung"
    assert process.lines("retry scheduled")
    assert process.lines("fell back")
    assert process.lines("degraded")
    assert [wrong for line in map(json.loads, process.log) for wrong in Schema().wrongs(line)] == []

    for name, said in told.items():
        assert_silent(f"what the caller of {name} was told", said, *PARTS)
        assert_silent(f"what the caller of {name} was told", said, *NEVER_SAID_BACK)
    assert_silent("the log", "".join(process.log), *PARTS, *OF_THE_CALLER)
    assert_silent("standard error", "".join(process.said), *PARTS, *OF_THE_CALLER)
    for path, page in pages.items():
        assert_silent(path, f"{page.headers} {page.body!r}", *PARTS, *OF_THE_CALLER)


@each
async def test_nothing_secret_is_in_the_cache_or_in_spans_and_no_question_either(
    spans: SpanBook, protocol: str
) -> None:
    songs = SONGS[protocol]
    async with singing() as url:
        settings = Settings.model_validate(configuration(url, protocol))
        with written(credentials=[]) as lines, bridged():  # without the last line of defence
            async with telemetry(VERSION) as told, running(settings, replace(told, tracer=spans.tracer)) as app:
                await sing(f"127.0.0.1:{app.port}", songs, lambda name: f"r-{name}")
                kept = [entry for store in stores() for entry in store._entries.items()]
    assert kept, "nothing was cached: nothing is tested"
    for key, entry in kept:
        assert_silent("the cache", (key + entry.answer).decode("latin-1"), *PARTS, *OF_THE_CALLER)
    assert len(spans.ended) > 2 * len(songs), "nothing was recorded: nothing is tested"
    for span in spans.ended:
        assert_silent(f"span {span.name}", span.to_json(), *PARTS, *OF_THE_CALLER)
    assert_silent("the log", b"".join(lines).decode(), *PARTS, *OF_THE_CALLER)


def stores() -> list[MemoryStore]:
    """Those that are in use."""
    return [thing for thing in gc.get_objects() if isinstance(thing, MemoryStore)]
