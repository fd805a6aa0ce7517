"""The package as others meet it: names, lazy imports, and a README that is true."""

import asyncio
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

import mainstay
from tests.client.scripted import (
    Scripted,
    answer,
    answers,
    completed,
    numbered,
    started,
    streams,
    text,
)

CLIENT = Path(__file__).parents[2] / "clients" / "python"
PROGRAMS = re.findall(r"```python\n(.*?)```", (CLIENT / "README.md").read_text(), re.DOTALL)


async def python(*words: str) -> tuple[int | None, str, str]:
    running = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await running.communicate()
    return running.returncode, out.decode(), err.decode()


def test_every_name_is_there() -> None:
    for name in mainstay.__all__:
        assert getattr(mainstay, name).__name__ == name
    assert set(mainstay.__all__) <= set(dir(mainstay))
    assert {name for names in mainstay._HOMES.values() for name in names} == set(mainstay.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = mainstay.nope


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import mainstay.v1.chat_pb2_grpc", ["mainstay.client", "mainstay.errors", "google.rpc"]),
        ("import mainstay.cli", ["grpc", "google.protobuf"]),
    ],
)
async def test_nobody_loads_what_he_does_not_use(statement: str, absent: Sequence[str]) -> None:
    check = f"{statement}, sys; print([name for name in {absent} if name in sys.modules])"
    assert await python("-c", check) == (0, "[]\n", "")


def test_the_package_needs_little() -> None:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    needs = {re.split(r"[<>=]", need)[0] for need in project["dependencies"]}
    assert needs == {"grpcio", "protobuf", "googleapis-common-protos"}


@pytest.mark.parametrize("program", PROGRAMS, ids=["ask", "stream", "json", "without_asyncio", "errors"])
async def test_the_programs_of_the_readme_run(server: Scripted, program: str) -> None:
    assert "127.0.0.1:50051" in program
    whole = answer('{"name": "A rope."}' if "json" in program else "A rope.")
    whole.structured_output.valid = "json" in program
    server.script = answers(whole)
    server.stream_script = streams(*numbered(started(), text("A rope."), completed()))
    code, out, err = await python("-W", "error", "-c", program.replace("127.0.0.1:50051", server.target))
    assert (code, err) == (0, "")
    assert server.seen
    assert "A rope." in out or "Unavailable" in program
