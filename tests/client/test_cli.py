"""The command `mainstay`, by function and as a process of its own."""

import asyncio
import io
import json
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped, unused-ignore]

from mainstay import cli, user
from mainstay import v1 as pb
from tests.client.scripted import (
    Scripted,
    answer,
    answers,
    completed,
    fails,
    numbered,
    reasoning,
    reset,
    serve,
    started,
    streams,
    streams_and_hangs,
    text,
)

HELLO = numbered(started(), reasoning("let me see"), text("Hello ", part=1), text("world", part=1), completed())
STARTED_ANEW = numbered(text("wrong"), reset(pb.RESET_MODE_DISCARD), text("right"), completed())


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


async def run(server: Scripted, *words: str) -> int:
    return await cli.run(cli.parse([*words, "--target", server.target]))


@asynccontextmanager
async def process(
    *words: str,
    env: Mapping[str, str] | None = None,
    out: int = asyncio.subprocess.PIPE,
    err: int = asyncio.subprocess.PIPE,
) -> AsyncIterator[asyncio.subprocess.Process]:
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "error", "-m", "mainstay", *words),
        env=env or {},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=out,
        stderr=err,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


async def run_process(*words: str, env: Mapping[str, str] | None = None) -> tuple[int | None, str, str]:
    async with process(*words, env=env) as running:
        out, err = await running.communicate()
        return running.returncode, out.decode(), err.decode()


async def test_the_answer_goes_to_stdout_and_its_story_to_stderr(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = streams(*HELLO)
    words = ("chat", "Hi", "--model", "fast", "--system", "Be brief.", "--temperature", "0.5")
    assert await run(server, *words, "--max-output-tokens", "9", "--timeout", "5") == 0
    out, err = capsys.readouterr()
    assert out == "Hello world\n"
    assert err.splitlines() == [
        "source    model, acme/large",
        "attempts  1",
        "tokens    12 in, 34 out",
        "cost      $0.0000365",
        "time      1.53 s, first token after 0.42 s",
        "trace     4bf92f3577b34da6a3ce929d0e0e4736",
    ]
    system = pb.Message(role=pb.ROLE_SYSTEM, parts=[pb.Part(text="Be brief.")])
    assert server.seen[0].request == pb.ChatRequest(
        model="fast",
        messages=[system, user("Hi")],
        temperature=0.5,
        max_output_tokens=9,
        policy=pb.CallPolicy(recovery=pb.RECOVERY_CONTINUE),  # what is in a pipe cannot be taken back
    )
    assert server.seen[0].metadata["mainstay-caller"] == "mainstay-cli"
    assert 3 < (server.seen[0].seconds_left or 0) < 5.2


async def test_no_stream_asks_for_one_piece(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    server.script = answers(answer("Hello\n"))
    assert await run(server, "chat", "Hi", "--no-stream") == 0
    out, err = capsys.readouterr()
    assert out == "Hello\n"
    assert err.startswith("source    model")


async def test_a_schema_is_sent_along_and_asks_for_one_piece(
    server: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "city.json").write_text('{"type": "object"}')
    server.script = answers(answer("{}"))
    assert await run(server, "chat", "Hi", "--schema", str(tmp_path / "city.json")) == 0
    assert capsys.readouterr().out == "{}\n"
    wanted = pb.JsonSchemaFormat(name="answer", schema_json='{"type": "object"}')
    assert server.seen[0].request.response_format == pb.ResponseFormat(json_schema=wanted)


@pytest.mark.parametrize(("contents", "complaint"), [(None, "No such file"), (b"\xff", "is not UTF-8")])
def test_a_schema_that_cannot_be_read_is_told_in_a_line_and_a_two(
    contents: bytes | None, complaint: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    if contents is not None:
        (tmp_path / "city.json").write_bytes(contents)
    with pytest.raises(SystemExit) as exited:
        cli.parse(["chat", "Hi", "--schema", str(tmp_path / "city.json")])
    assert exited.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("how", [(), ("--no-stream",)])
async def test_json_is_the_whole_answer(
    server: Scripted, capsys: pytest.CaptureFixture[str], how: Sequence[str]
) -> None:
    server.script = answers(answer("Hello wörld")) if how else streams(*numbered(text("Hello wörld"), completed()))
    assert await run(server, "chat", "Hi", "--json", *how) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["message"]["parts"] == [{"text": "Hello wörld"}]
    assert found["finish_reason"] == "FINISH_REASON_STOP"
    assert err == ""


async def test_a_failed_call_is_a_line_and_a_one(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    info = ErrorInfo(reason="MODEL_NOT_FOUND", domain="mainstay")
    server.script = fails(grpc.StatusCode.NOT_FOUND, "there is no model fsat; there are: fast", info)
    assert await run(server, "chat", "Hi") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "mainstay: there is no model fsat; there are: fast (MODEL_NOT_FOUND)\n"


async def test_a_stream_that_breaks_ends_its_line_first(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    server.script = streams(*HELLO[:3])
    assert await run(server, "chat", "Hi") == 1
    out, err = capsys.readouterr()
    assert out == "Hello \n"
    assert err == "mainstay: the stream ended without `completed`\n"


async def test_an_answer_that_begins_anew_does_not_pollute_a_pipe(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = streams(*STARTED_ANEW)
    assert await run(server, "chat", "Hi") == 1
    assert "began anew" in capsys.readouterr().err


async def test_a_terminal_is_told_that_the_answer_begins_anew(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("NO_COLOR", "1")
    server.script = streams(*STARTED_ANEW)
    assert await run(server, "chat", "Hi") == 0
    shown = screen.getvalue()
    assert shown.startswith("wrong\n[cut off: forget the above, other/small answers anew]\nright\nsource ")


async def test_a_terminal_shows_thoughts_dimmed_and_no_control_characters(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = Screen(), Screen()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    server.script = streams(*numbered(reasoning("h\x1bm"), text("\x1b]0;owned\x07Hi", part=1), completed()))
    assert await run(server, "chat", "Hi") == 0
    assert out.getvalue() == "]0;ownedHi\n"
    assert err.getvalue().startswith("\x1b[2mhm\x1b[0m\n\n\x1b[2msource ")


async def test_nothing_is_coloured_with_no_color(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    err = Screen()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("NO_COLOR", "1")
    server.script = answers(answer("Hi"))
    assert await run(server, "chat", "Hi", "--no-stream") == 0
    assert "\x1b" not in err.getvalue()


async def test_the_models_are_listed(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    server.models = [pb.Model(name="default", targets=["acme/large"], usable=True)]
    assert await run(server, "models") == 0
    assert capsys.readouterr().out == "default  acme/large\n"
    assert await run(server, "models", "--json") == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["name"] == "default"


@pytest.mark.parametrize("words", [("chat",), ("chat", "-")])
def test_the_question_may_come_from_stdin(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("line 1\nline 2\n"))
    assert cli.parse(words).question == "line 1\nline 2\n"


def test_the_target_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTAY_TARGET", "mainstay.internal:443")
    assert cli.parse(["models"]).target == "mainstay.internal:443"
    assert cli.parse(["models", "--target", "here:1"]).target == "here:1"
    monkeypatch.setenv("MAINSTAY_TARGET", "")
    assert cli.parse(["models"]).target == "127.0.0.1:50051"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "COMMAND"),
        (["sing"], "invalid choice"),
        (["chat", ""], "the question is empty"),
        (["chat"], "there is no question"),
        (["chat", "Hi\udc80"], "not valid UTF-8"),
        (["chat", "Hi", "--timeout", "0"], "over 0"),
        (["chat", "Hi", "--timeout", "nan"], "over 0"),
        (["chat", "Hi", "--timeout", "soon"], "invalid"),
        (["chat", "Hi", "--max-output-tokens", "99999999999"], "must be from 1 to 2147483647"),
        (["chat", "Hi", "--temperature", "warm"], "invalid float"),
        (["models", "--target", "http://localhost:50051"], "HOST:PORT"),
    ],
)
def test_wrong_usage_is_told_in_a_line_and_a_two(
    words: Sequence[str], complaint: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Screen())
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code == 2
    assert complaint in capsys.readouterr().err


async def test_a_process_answers_and_leaves_stdout_clean(server: Scripted) -> None:
    server.script = streams(*HELLO)
    code, out, err = await run_process("chat", "Hi", env={"MAINSTAY_TARGET": server.target})
    assert (code, out) == (0, "Hello world\n")
    assert err.startswith("source    model, acme/large\n")
    assert "let me see" not in err


async def test_a_process_that_reaches_nobody_says_what_to_do() -> None:
    code, out, err = await run_process("chat", "Hi", "--target", "127.0.0.1:1")
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1, err
    assert err.startswith("mainstay: cannot reach Mainstay at 127.0.0.1:1: ")
    assert "Is it running? `make run` starts it" in err


async def test_a_server_that_goes_away_is_told_in_a_line() -> None:
    scripted = Scripted(streams_and_hangs(*HELLO[:3]))
    running_server = await serve(scripted)
    talkative = {"GRPC_TRACE": "http"}  # by itself gRPC logs the loss only now and then
    async with process("chat", "Hi", "--target", scripted.target, env=talkative) as running:
        assert running.stdout is not None
        assert await running.stdout.read(6) == b"Hello "
        await running_server.stop(0)
        _, err = await running.communicate()
    assert running.returncode == 1
    assert len(err.splitlines()) == 1, err
    assert err.startswith(b"mainstay: cannot reach Mainstay at 127.0.0.1:")


async def test_ctrl_c_cancels_the_call_and_ends_with_130(server: Scripted) -> None:
    server.script = streams_and_hangs(*HELLO[:3])
    async with process("chat", "Hi", "--target", server.target) as running:
        assert running.stdout is not None
        assert await running.stdout.read(6) == b"Hello "
        running.send_signal(signal.SIGINT)
        _, err = await running.communicate()
    assert running.returncode == 130
    assert err == b""
    await asyncio.wait_for(server.cancelled.wait(), 5)


async def test_a_reader_that_goes_away_ends_it_quietly(server: Scripted) -> None:
    server.script = streams(*numbered(*(text("x" * 1000) for _ in range(500)), completed()))
    reading, writing = os.pipe()
    async with process("chat", "Hi", "--target", server.target, out=writing) as running:
        os.close(writing)
        await asyncio.to_thread(os.read, reading, 1)
        os.close(reading)
        _, err = await running.communicate()
    assert (running.returncode, err) == (1, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is full")
async def test_a_full_disk_is_told_in_a_line(server: Scripted) -> None:
    server.script = streams(*HELLO)
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        async with process("chat", "Hi", "--target", server.target, out=full) as running:
            _, err = await running.communicate()
    finally:
        os.close(full)
    assert (running.returncode, err) == (1, b"mainstay: cannot write the answer: No space left on device\n")


async def test_a_real_terminal_gets_colour(server: Scripted) -> None:
    server.script = streams(*HELLO)
    ours, theirs = pty.openpty()
    env = {"TERM": "xterm"}
    async with process("chat", "Hi", "--target", server.target, env=env, out=theirs, err=theirs) as running:
        await running.wait()
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert shown.startswith("\x1b[2mlet me see\x1b[0m\r\n\r\nHello world\r\n\x1b[2msource ")
