"""Probes from start to end: the admin endpoint beside gRPC health, which never contradict each other."""

import asyncio
import signal
import sys
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2

from mainstay import ChatClient
from service.app import running
from service.config import Settings
from service.rpc.server import CannotListen
from tests.kit.log_schema import Schema
from tests.kit.process import Process, environment, free_port, mainstayd
from tests.kit.service import settings_for
from tests.kit.web import Said, fetch

ADMIN = {"MAINSTAY__SERVER__ADMIN_ADDRESS": "127.0.0.1:0"}
STATES = health_pb2.HealthCheckResponse
CONFIG = """
providers:
  simulator: {{protocol: openai, base_url: "{url}", api_key: sk-canary-0123}}
  idle: {{protocol: openai, base_url: "{url}", api_key: "${{NOBODY_SETS_THIS:-}}"}}
routes:
  both: {{targets: [simulator/chat, idle/chat]}}
"""


def admin_of(process: Process) -> str:
    (line,) = process.lines("serving") + process.lines("NOT SERVING")
    assert list(Schema().wrongs(line)) == []
    return str(line["admin"])


def components(said: Said) -> dict[str, tuple[str, str]]:
    return {row["name"]: (row["status"], row["reason"]) for row in said.json["components"]}


async def health_of(process: Process) -> int:
    async with grpc.aio.insecure_channel(process.address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        return int((await check(health_pb2.HealthCheckRequest())).status)


async def test_readyz_says_of_every_component_how_it_is_and_nothing_secret(simulator: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=simulator))
    async with mainstayd(tmp_path, **ADMIN) as process:
        said = await fetch(admin_of(process), "/readyz")
        assert (await fetch(admin_of(process), "/livez")).status == 200
        assert await health_of(process) == STATES.SERVING
    assert (said.status, said.json["ready"]) == (200, True)
    known = components(said)
    assert known["configuration"] == ("ok", "")
    assert known["grpc"] == ("ok", "serving")
    assert known["provider simulator"] == ("ok", "")
    assert known["provider idle"] == ("unusable", "no key: set NOBODY_SETS_THIS")
    assert known["route both"] == ("partial", "1 of 2 targets usable")
    assert b"canary" not in said.body


async def test_without_a_key_it_is_alive_and_not_ready_and_says_what_to_set(tmp_path: Path) -> None:
    async with mainstayd(tmp_path, **ADMIN) as process:
        said = await fetch(admin_of(process), "/readyz")
        assert (await fetch(admin_of(process), "/livez")).status == 200
        assert await health_of(process) == STATES.NOT_SERVING
    assert (said.status, said.json["ready"]) == (503, False)
    assert components(said)["configuration"] == ("unusable", "no provider can be asked")
    assert "DEEPSEEK_API_KEY" in components(said)["provider deepseek"][1]


async def test_while_it_drains_it_is_alive_and_not_ready_to_the_end(simulator: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=simulator))
    async with (
        mainstayd(tmp_path, MAINSTAY__SERVER__DRAIN_GRACE="3s", **ADMIN) as process,
        ChatClient(process.address) as client,
    ):
        admin = admin_of(process)
        async with client.stream("hello", model="simulator/chat+tokens(100)+pace(10ms)") as stream:
            await anext(stream)
            process.child.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                while (said := await fetch(admin, "/readyz")).status == 200:
                    pass
            assert components(said)["grpc"] == ("unusable", "draining")
            assert (await fetch(admin, "/livez")).status == 200
            for _ in range(10):
                await anext(stream)
                assert (await fetch(admin, "/readyz")).status == 503
            async for _ in stream:
                pass
        assert await process.child.wait() == 0
        with pytest.raises(ConnectionRefusedError):
            await fetch(admin, "/livez")
    assert process.said == []


async def test_a_taken_admin_port_is_one_clear_line(tmp_path: Path) -> None:
    async with mainstayd(tmp_path, **ADMIN) as process:
        taken = admin_of(process)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "service.cli", "serve"),
            cwd=tmp_path,
            env=environment(MAINSTAY__SERVER__ADMIN_ADDRESS=taken, MAINSTAY__SERVER__ADDRESS="127.0.0.1:0"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await child.communicate()
    assert (child.returncode, out) == (1, b"")
    where = f"{taken} (server.admin_address; set MAINSTAY__SERVER__ADMIN_ADDRESS to listen elsewhere)"
    assert err.decode() == f"mainstayd: cannot listen on {where}: address already in use\n"


async def test_if_calls_cannot_come_in_the_admin_endpoint_closes_too(simulator: str) -> None:
    admin = f"127.0.0.1:{free_port()}"
    async with running(settings_for(simulator)) as app:
        server = {"address": f"127.0.0.1:{app.port}", "admin_address": admin}
        with pytest.raises(CannotListen):
            async with running(Settings.model_validate({"server": server})):
                pass
    with pytest.raises(ConnectionRefusedError):
        await fetch(admin, "/livez")


async def test_it_can_be_switched_off(tmp_path: Path) -> None:
    async with mainstayd(tmp_path, "--simulate", MAINSTAY__SERVER__ADMIN_ADDRESS="null") as process:
        (line,) = process.lines("serving")
    assert line["admin"] is None
