"""Answers in a form, through a real server: checked, mended, asked for again; and schemas that mean harm."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from mainstay import ChatClient, InvalidRequest, text_of
from mainstay import v1 as pb
from tests.kit.forms import FITS, MENDS, PERSON, UNFIT
from tests.kit.process import Process, mainstayd
from tests.kit.replay import Replayed, replaying

CONFIG = """
providers:
  first: {{protocol: openai, base_url: "{first}", auth: none}}
  second: {{protocol: openai, base_url: "{second}", auth: none}}
routes: {{default: {{targets: [first/m, second/m]}}}}
"""


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """One loop for all, so that all meet the same service: it has to live through everything here."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
async def process(anyio_backend: object, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    async with mainstayd(tmp_path_factory.mktemp("json"), "--simulate") as process:
        yield process


@pytest.fixture
async def client(process: Process) -> AsyncIterator[ChatClient]:
    async with ChatClient(process.address) as client:
        yield client


def form(schema: str) -> pb.ResponseFormat:
    return pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="person", schema_json=schema))


def saying(text: str) -> Replayed:
    body = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}
    return Replayed(body=json.dumps(body).encode())


async def test_an_answer_that_fits_says_so_whole_and_streamed(client: ChatClient) -> None:
    answer = await client.chat("Who?", response_format=form(PERSON))
    assert json.loads(text_of(answer)).keys() == {"name", "age"}
    assert answer.structured_output == pb.StructuredOutput(valid=True)
    async with client.stream("Who?", response_format=form(PERSON)) as stream:
        streamed = [event async for event in stream]
    assert streamed[-1].completed.structured_output == pb.StructuredOutput(valid=True)


async def test_a_call_without_a_form_says_nothing_of_it(client: ChatClient) -> None:
    assert not (await client.chat("Who?")).HasField("structured_output")


async def test_no_schema_makes_the_service_fetch_anything(client: ChatClient, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"type": "string"}')
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        for reference in (f"http://127.0.0.1:{server.getsockname()[1]}/x.json", f"file://{tmp_path}/x.json"):
            for schema in ({"$ref": reference}, {"$id": reference, "$ref": "#/../y.json"}, {"$schema": reference}):
                with pytest.raises(InvalidRequest) as caught:
                    await client.chat("Who?", response_format=form(json.dumps(schema)))
                assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
                assert "response_format.json_schema.schema_json" in repr(caught.value.violations) + str(caught.value)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    "schema",
    [
        '{"properties":{"a":' * 5000 + "{}" + "}}" * 5000,
        '{"pattern": "^(?=a)(a+)+$"}',
        '{"pattern": "^(a+)\\\\1+$"}',
        '{"type": "text"}',
        '{"$ref": "#/$defs/none"}',
        json.dumps({"patternProperties": {f"^a{number}[a-z]{{1,20}}$": {} for number in range(8_000)}}),
    ],
    ids=["deep", "look-around", "back-reference", "no type", "no definition", "many patterns"],
)
async def test_a_schema_that_is_none_is_refused_before_anybody_is_asked(client: ChatClient, schema: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await client.chat("Who?", response_format=form(schema))
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    failure = caught.value.call_failure
    assert failure is None or not failure.provenance.attempts


async def test_a_schema_that_takes_for_ever_to_check_holds_nobody_up(client: ChatClient) -> None:
    twice = [{"$ref": f"#/$defs/{number + 1}"} for number in range(34)]
    defs: dict[str, object] = {str(number): {"allOf": [two, two]} for number, two in enumerate(twice)}
    hostile = form(json.dumps({"$defs": {**defs, "34": {"type": "string"}}, "$ref": "#/$defs/0"}))
    await client.chat("Who?", response_format=form(PERSON))
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(client.chat("Who?", response_format=hostile))
        others = 0
        while not slow.done():
            began = time.monotonic()
            await client.chat("Who?", model="default")
            assert time.monotonic() - began < 1
            others += 1
    assert others > 1
    output = slow.result().structured_output
    assert not output.valid
    assert "was not checked" in output.violations[0]


async def ask(tmp_path: Path, first: Replayed, second: Replayed) -> pb.ChatResponse:
    async with replaying(first) as one, replaying(second) as two:
        (tmp_path / "config.yaml").write_text(CONFIG.format(first=one, second=two))
        async with mainstayd(tmp_path) as process, ChatClient(process.address) as client:
            try:
                return await client.chat("Who?", response_format=form(PERSON))
            finally:
                bugs = process.lines("a call met a bug")
                assert bugs == [], json.dumps(bugs, indent=1)


async def test_what_is_nearly_json_is_mended(tmp_path: Path) -> None:
    first, second = saying(MENDS), saying(FITS)
    answer = await ask(tmp_path, first, second)
    assert json.loads(text_of(answer)) == json.loads(FITS)
    assert answer.structured_output == pb.StructuredOutput(valid=True, repaired=True)
    assert (len(first.requests), len(second.requests)) == (1, 0)


async def test_who_cannot_say_it_twice_is_followed_by_the_next(tmp_path: Path) -> None:
    first, second = saying(UNFIT), saying(FITS)
    answer = await ask(tmp_path, first, second)
    assert (text_of(answer), answer.provenance.provider) == (FITS, "second")
    assert answer.structured_output == pb.StructuredOutput(valid=True)
    assert [(row.provider, row.cause) for row in answer.provenance.attempts] == [
        ("first", pb.ATTEMPT_CAUSE_FIRST),
        ("first", pb.ATTEMPT_CAUSE_RETRY),
        ("second", pb.ATTEMPT_CAUSE_FALLBACK),
    ]
    assert "required property" in json.loads(first.requests[1])["messages"][-1]["content"]


async def test_if_nobody_can_say_it_the_last_answer_is_given_with_what_is_wrong(tmp_path: Path) -> None:
    answer = await ask(tmp_path, saying(UNFIT), saying("{}"))
    assert (text_of(answer), answer.provenance.provider) == ("{}", "second")
    output = answer.structured_output
    assert (output.valid, output.reasked, len(output.violations)) == (False, True, 2)


async def test_a_provider_that_fails_does_not_cost_the_answer_that_is_there(tmp_path: Path) -> None:
    answer = await ask(tmp_path, saying(UNFIT), Replayed(status=500))
    assert (text_of(answer), answer.provenance.provider) == (UNFIT, "first")
    assert not answer.structured_output.valid
