"""Requests that real programs sent to real providers: the simulator takes them, or refuses them, as those did."""

from typing import Any

import httpx
import pytest

from tests.kit.recordings import FOLDER
from tests.simulator.recorded import OUTSIDE_MESSAGE, OUTSIDE_STATUS, kind, kinds, outside, requests, send

PROTOCOLS = ("openai", "anthropic", "gemini")


@pytest.fixture(scope="module", params=PROTOCOLS)
def recordings(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return required(requests(request.param))


def required(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not found:
        pytest.skip(f"no recordings in {FOLDER.name}/: set RECORDINGS to where they are")
    return found


async def test_what_was_answered_is_accepted(http: httpx.AsyncClient, recordings: list[dict[str, Any]]) -> None:
    refused = {}
    for recording in recordings:
        if recording["response"]["status"] < 300 or outside(recording):
            answer = await send(http, recording)
            if answer.status_code != 200:
                refused[recording["id"]] = answer.text
    assert refused == {}


async def test_what_was_refused_for_its_own_sake_is_refused_with_the_same_kind(
    http: httpx.AsyncClient, recordings: list[dict[str, Any]]
) -> None:
    otherwise = {}
    for recording in recordings:
        if recording["response"]["status"] >= 400 and not outside(recording):
            answer = await send(http, recording)
            if kind(recording["protocol"], answer.status_code, answer.text) not in kinds(recording):
                otherwise[recording["id"]] = (answer.status_code, answer.text)
    assert otherwise == {}


def test_each_protocol_has_a_request_that_was_refused_for_its_own_sake(recordings: list[dict[str, Any]]) -> None:
    assert any(recording["response"]["status"] >= 400 and not outside(recording) for recording in recordings)


def test_each_reason_outside_the_request_was_met() -> None:
    met = {outside(recording) for protocol in PROTOCOLS for recording in required(requests(protocol))}
    assert met >= {*OUTSIDE_STATUS.values(), *OUTSIDE_MESSAGE.values()}
