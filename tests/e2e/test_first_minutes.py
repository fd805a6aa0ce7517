"""What a newcomer does first: start it, ask it, see what it is."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from mainstay import ChatClient, MainstayError
from tests.kit.process import Process, environment, mainstayd
from tests.kit.replay import Replayed, replaying

STATES = health_pb2.HealthCheckResponse
ANSWER = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}'


async def run(*args: str, folder: Path, **variables: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a Python module run as a command."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *args),
        cwd=folder,
        env=environment(**variables),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await child.communicate()
    assert child.returncode is not None
    return child.returncode, out.decode(), err.decode()


async def health_of(address: str, name: str) -> int:
    async with grpc.aio.insecure_channel(address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        return int((await check(health_pb2.HealthCheckRequest(service=name))).status)


@pytest.fixture
async def simulating(nothing_left_open: None, tmp_path: Path) -> AsyncIterator[Process]:
    async with mainstayd(tmp_path, "--simulate") as process:
        yield process


async def test_the_first_question_is_answered_by_the_simulator_and_says_so(simulating: Process, tmp_path: Path) -> None:
    code, out, err = await run("mainstay", "chat", "什么是机器学习?", "--target", simulating.address, folder=tmp_path)
    assert code == 0
    assert "机器学习" in out
    for shown in ("source    simulator, simulator/deepseek-flash", "attempts  1", "tokens", "trace"):
        assert shown in err
    assert any("SIMULATING" in line for line in simulating.log)


async def test_health_and_reflection_are_offered(simulating: Process) -> None:
    for name in ("", "mainstay.v1.ChatService"):
        assert await health_of(simulating.address, name) == STATES.SERVING

    def services() -> list[str]:
        with grpc.insecure_channel(simulating.address) as channel:
            return list(ProtoReflectionDescriptorDatabase(channel).get_services())

    assert "mainstay.v1.ChatService" in await asyncio.to_thread(services)


async def test_without_a_key_it_is_not_serving_and_says_what_to_do(tmp_path: Path) -> None:
    async with mainstayd(tmp_path) as process:
        assert await health_of(process.address, "mainstay.v1.ChatService") == STATES.NOT_SERVING
        assert any("NOT SERVING" in line and "DEEPSEEK_API_KEY" in line for line in process.log)
        async with ChatClient(process.address) as client:
            with pytest.raises(MainstayError, match="DEEPSEEK_API_KEY") as caught:
                await client.chat("hello")
            assert (caught.value.code, caught.value.reason) == (grpc.StatusCode.UNAVAILABLE, "NOT_SERVING")


async def test_reflection_can_be_switched_off(tmp_path: Path) -> None:
    async with mainstayd(tmp_path, MAINSTAY__SERVER__REFLECTION="false") as process:

        def services() -> list[str]:
            with grpc.insecure_channel(process.address) as channel:
                return list(ProtoReflectionDescriptorDatabase(channel).get_services())

        with pytest.raises(grpc.RpcError, match="UNIMPLEMENTED"):
            await asyncio.to_thread(services)


async def test_with_a_key_in_the_dotenv_file_the_question_goes_to_the_providers_address(
    tmp_path: Path,
) -> None:
    replayed = Replayed(body=ANSWER)
    async with replaying(replayed) as url:
        (tmp_path / ".env").write_text("DEEPSEEK_API_KEY=sk-canary-123456\n")
        async with (
            mainstayd(tmp_path, MAINSTAY__PROVIDERS__DEEPSEEK__BASE_URL=url) as process,
            ChatClient(process.address) as client,
        ):
            response = await client.chat("hello")
    assert (response.provenance.provider, response.provenance.model) == ("deepseek", "deepseek-flash")
    assert "POST /v1/chat/completions" in replayed.heads[0]
    assert "authorization: bearer sk-canary-123456" in replayed.heads[0].lower()
    assert b'"model":"deepseek-flash"' in replayed.requests[0]
    assert "canary" not in "".join(process.log)


async def test_the_simulator_dies_with_the_service_even_when_that_is_killed(tmp_path: Path) -> None:
    async with mainstayd(tmp_path, "--simulate") as process:
        (simulator,) = _children(process.child.pid)
        process.child.send_signal(signal.SIGKILL)
        await process.child.wait()
        async with asyncio.timeout(5):
            while Path(f"/proc/{simulator}").exists():
                await asyncio.sleep(0.02)


async def test_sigterm_ends_the_service_well_and_at_once_if_no_call_is_open(tmp_path: Path) -> None:
    async with mainstayd(tmp_path, "--simulate") as process:
        process.child.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert await process.child.wait() == 0
        assert time.monotonic() - began < 0.9


async def test_a_taken_port_is_one_clear_line(simulating: Process, tmp_path: Path) -> None:
    taken = {"MAINSTAY__SERVER__ADDRESS": simulating.address, "MAINSTAY__SERVER__ADMIN_ADDRESS": "null"}
    code, out, err = await run("service.cli", "serve", "--simulate", folder=tmp_path, **taken)
    assert code == 1
    assert '"serving"' not in out
    where = f"{simulating.address} (server.address; set MAINSTAY__SERVER__ADDRESS to listen elsewhere)"
    assert err == f"mainstayd: cannot listen on {where}: address already in use\n"


@pytest.mark.parametrize("command", ["serve", "check"])
async def test_a_bad_configuration_lists_every_problem_with_its_place(command: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("server:\n  adress: x\nroutes:\n  default:\n    targets: [nobody/x]\n")
    code, out, err = await run("service.cli", command, folder=tmp_path)
    assert (code, out) == (1, "")
    assert "config.yaml:2" in err
    assert "config.yaml:5" in err
    assert "Traceback" not in err


async def test_check_tells_by_its_exit_code_whether_anything_can_be_asked(tmp_path: Path) -> None:
    assert (await run("service.cli", "check", folder=tmp_path))[0] == 3
    code, out, _ = await run("service.cli", "check", folder=tmp_path, OPENAI_API_KEY="sk-canary")
    assert code == 0
    assert "route default" in out
    assert "canary" not in out


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
