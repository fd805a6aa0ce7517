"""The simulator as a child process."""

import argparse
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from service.simulator.options import Options, add_arguments, options_from
from service.simulator.serve import run
from tests.simulator.raw import body_of

LIMIT = 5.0
COMMAND = [sys.executable, "-m", "service.simulator"]


@contextmanager
def child(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A simulator in a process of its own, and the line that it said first."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        try:
            assert select.select([process.stdout], [], [], LIMIT)[0], "the simulator said nothing"
            yield process, process.stdout.readline()
        finally:
            process.kill()


def test_it_says_where_it_listens_answers_and_dies_with_its_parent() -> None:
    with child("--until-stdin-closes", "--first-token", "0", "--pace", "0ms", "--text-tokens", "7") as (
        process,
        line,
    ):
        found = re.fullmatch(r"simulator: listening on (http://127\.0\.0\.1:\d+/v1)\n", line)
        assert found, line
        answer = httpx.post(f"{found[1]}/chat/completions", json=body_of("chat"), trust_env=False).json()
        assert answer["usage"]["completion_tokens"] == 7
        output, errors = process.communicate(timeout=LIMIT)  # closes stdin
        assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_promptly_though_a_request_is_open(number: signal.Signals) -> None:
    with child() as (process, line):
        address = re.findall(r"[\d.]+", line)
        with socket.create_connection(("127.0.0.1", int(address[1]))) as connection:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 75\r\n\r\n")
            connection.sendall(b'{"model":"chat+silence","messages":[{"role":"user","content":"hello there"}]}'[:75])
            os.kill(process.pid, number)
            assert process.wait(timeout=LIMIT) == 0
        assert process.stderr
        assert process.stderr.read() == ""


def test_a_port_in_use_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(Options(port=port)) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"simulator: cannot listen on 127.0.0.1:{port}: Address already in use;")
    assert (said.err.count("\n"), said.out) == (1, "")


def test_an_address_of_another_host_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Options(host="203.0.113.1", port=0)) == 2
    said = capsys.readouterr().err
    assert said.startswith("simulator: cannot listen on 203.0.113.1:0: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("- {fault: 'status(429)'}\n- {fault: 'status(4290)'}", "rule 2: '4290' is not a whole number"),
        ("- {fault: [", "not YAML: "),
        ("fault: hold", "expected a list"),
        (None, "cannot be read: No such file"),
    ],
)
def test_a_bad_scenario_is_one_clear_line_that_names_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, place: str
) -> None:
    file = tmp_path / "scenario.yaml"
    if text is not None:
        file.write_text(text)
    assert run(Options(port=0, scenario=file)) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"simulator: {file}: {place}")
    assert (said.err.count("\n"), said.out) == (1, "")


def test_a_scenario_file_is_in_force_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text("- model: chat\n  first: 1\n  fault: status(429,retry-after=2)\n")
    with child("--scenario", str(file), "--first-token", "0", "--pace", "0") as (_, line):
        address = f"{line.split()[-1]}/chat/completions"
        answers = [httpx.post(address, json=body_of("chat"), trust_env=False) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [429, 200]
    assert answers[0].headers["retry-after"] == "2"


def options(*arguments: str) -> Options:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return options_from(parser.parse_args(arguments))


def test_the_command_line_says_the_defaults() -> None:
    assert options() == Options()


def test_a_bad_option_is_refused_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        options("--pace", "quickly")
    assert stopped.value.code == 2
    assert "argument --pace: 'quickly' is not a duration such as 0.5, 500ms or 2s" in capsys.readouterr().err


def test_the_key_is_not_shown() -> None:
    assert "sk-1" not in repr(options("--api-key", "sk-1"))
