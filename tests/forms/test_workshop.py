"""Hostile schemas and texts hurt a process that nobody misses."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable
from pathlib import Path

import pytest

from service.chat.forms import Finding, Unchecked
from service.forms import process
from service.forms import workshop as module
from service.forms.workshop import Workshop
from tests.kit.forms import COMPLAINT, FITS, MENDS, PERSON, UNFIT

ROOT = Path(__file__).parents[2]


def doubling(times: int) -> str:
    """A schema that asks the same twice, and each of these twice, and so on."""
    twice = [{"$ref": f"#/$defs/{number + 1}"} for number in range(times)]
    defs: dict[str, object] = {str(number): {"allOf": [two, two]} for number, two in enumerate(twice)}
    return json.dumps({"$defs": {**defs, str(times): {"type": "string"}}, "$ref": "#/$defs/0"})


async def look(workshop: Workshop, text: str, schema: str = PERSON, *, repair: bool = True) -> Finding:
    return await workshop.look(text, schema, repair=repair, seconds=30)


async def why_unchecked(work: Awaitable[object]) -> str:
    with pytest.raises(Unchecked) as caught:
        await work
    return str(caught.value)


def children() -> set[int]:
    found = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "service.forms.worker"], capture_output=True, text=True, check=False
    )
    return set(map(int, found.stdout.split()))


async def test_texts_are_looked_at(workshop: Workshop) -> None:
    assert await look(workshop, FITS) == Finding()
    assert await look(workshop, UNFIT) == Finding((COMPLAINT,))
    assert json.loads((await look(workshop, MENDS)).repaired) == json.loads(FITS)
    assert await look(workshop, "{}", "") == Finding()
    assert await look(workshop, json.dumps({"name": "喂" * 100_000, "age": 1})) == Finding()


async def test_nobody_is_started_before_somebody_is_needed_and_nobody_is_left(nothing_left_open: None) -> None:
    before = children()
    async with Workshop() as workshop:
        assert children() == before
        await asyncio.gather(*(look(workshop, FITS) for _ in range(10)))
        assert len(children() - before) == module.MOST_WORKERS
    assert children() == before


async def test_what_is_wrong_with_a_schema_is_found_out_once(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = await workshop.wrong_with('{"type": 5}', seconds=5)
    assert wrong is not None
    assert wrong.startswith("is not a JSON Schema: /type: ")
    assert await workshop.wrong_with(PERSON, seconds=5) is None
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0)
    assert await workshop.wrong_with(PERSON, seconds=5) is None
    assert await workshop.wrong_with('{"type": 5}', seconds=5) == wrong


async def test_a_pattern_that_cannot_be_used_is_told_what_to_do(workshop: Workshop) -> None:
    wrong = await workshop.wrong_with('{"properties": {"a": {"pattern": "(?!b)"}}}', seconds=5)
    assert wrong is not None
    assert "/properties/a/pattern" in wrong
    assert "look-around" in wrong


@pytest.mark.parametrize(
    "schema",
    [
        {"patternProperties": {f"^a{number}[a-z]{{1,20}}$": {} for number in range(8_000)}},
        {"allOf": [{"pattern": f"^.{{1,{400 + number}}}$"} for number in range(500)]},
    ],
    ids=["many patterns", "large patterns"],
)
async def test_a_schema_that_takes_too_long_to_compile_is_refused_and_costs_us_nothing(
    workshop: Workshop, schema: dict[str, object]
) -> None:
    await workshop.wrong_with(PERSON, seconds=5)
    began = time.process_time()
    wrong = await workshop.wrong_with(json.dumps(schema), seconds=5)
    assert time.process_time() - began < 0.05
    assert wrong is not None
    assert "too much time or memory" in wrong


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("1", doubling(30)),
        ('"it fits"', doubling(34)),
        (json.dumps(list(range(60_000))), json.dumps({"anyOf": [{"maxItems": most} for most in range(5_000)]})),
    ],
    ids=["many errors", "many looks", "much memory"],
)
async def test_a_text_that_takes_too_long_to_look_at_is_unchecked_and_holds_nobody_up(
    workshop: Workshop, text: str, schema: str
) -> None:
    await look(workshop, FITS)
    began = time.process_time()
    async with asyncio.TaskGroup() as group:
        hostile = group.create_task(why_unchecked(look(workshop, text, schema, repair=False)))
        await asyncio.sleep(0.05)
        assert await look(workshop, FITS) == Finding()
        assert not hostile.done()
    assert "too much time or memory" in hostile.result()
    assert time.process_time() - began < 0.05
    assert await look(workshop, FITS) == Finding()


async def test_a_text_that_cannot_be_mended_in_time_is_still_told_what_is_wrong(workshop: Workshop) -> None:
    found = await look(workshop, '["a' * 10_000)
    assert found.repaired == ""
    assert found.violations[0].startswith("it is not JSON: ")


async def test_somebody_who_leaves_takes_the_process_along(workshop: Workshop) -> None:
    await look(workshop, FITS)
    (first,) = children()
    leaving = asyncio.ensure_future(look(workshop, "1", doubling(30)))
    await asyncio.sleep(0.05)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    async with asyncio.timeout(5):
        while first in children():
            await asyncio.sleep(0.01)
    assert await look(workshop, FITS) == Finding()


async def test_a_text_that_a_library_gives_up_on_is_looked_at_without_it(workshop: Workshop) -> None:
    found = await look(workshop, '["":,"```json9```')
    assert found.repaired == ""
    assert found.violations[0].startswith("it is not JSON: ")


async def test_no_schema_is_blamed_for_a_process_that_cannot_start(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_COMMAND", (sys.executable, "-c", "raise SystemExit(1)"))
    assert await workshop.wrong_with(PERSON, seconds=5) is None
    assert "died (exit code 1)" in await why_unchecked(look(workshop, FITS))


async def test_no_schema_is_blamed_for_a_process_that_the_system_killed(workshop: Workshop) -> None:
    await look(workshop, FITS)
    (worker,) = children()
    looking = asyncio.ensure_future(why_unchecked(look(workshop, "1", doubling(30))))
    await asyncio.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    assert "died (signal 9)" in await looking


async def test_a_process_that_died_while_nobody_looked_is_replaced(workshop: Workshop) -> None:
    await look(workshop, FITS)
    (worker,) = children()
    os.kill(worker, signal.SIGKILL)
    await asyncio.sleep(0.05)
    assert await look(workshop, FITS) == Finding()


async def test_who_has_no_time_is_told_that_nothing_was_checked(workshop: Workshop) -> None:
    assert "no time" in await why_unchecked(workshop.look(FITS, PERSON, repair=False, seconds=0.0))


async def test_an_answer_longer_than_any_is_not_looked_at(workshop: Workshop) -> None:
    assert "2,097,152" in await why_unchecked(look(workshop, "x" * (module.TEXT_CHARACTERS + 1)))
    assert children() == set()


async def test_a_worker_has_neither_our_environment_nor_our_connections(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    await look(workshop, FITS)
    (worker,) = children()
    assert b"canary" not in Path(f"/proc/{worker}/environ").read_bytes()
    open_files = {os.readlink(file) for file in Path(f"/proc/{worker}/fd").iterdir()}
    assert not [file for file in open_files if file.startswith("socket:") and file not in _pair_of(worker)]


def _pair_of(worker: int) -> set[str]:
    """What it reads from and writes to."""
    return {os.readlink(f"/proc/{worker}/fd/{number}") for number in (0, 1)}


def test_the_service_does_not_load_what_hostile_schemas_could_hang() -> None:
    code = "import sys, service.app; print({'jsonschema_rs', 'json_repair'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip() == "set()"


def test_a_worker_ends_with_whoever_started_it() -> None:
    command = [sys.executable, "-m", "service.forms.worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as worker:
        assert worker.stdin is not None
        worker.stdin.close()
        assert worker.wait(10) == 0
