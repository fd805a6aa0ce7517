"""Requests that real programs sent to real providers: the simulator takes them, or refuses them, as those did."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.kit.recordings import FOLDER

OUTSIDE_STATUS = {
    401: "the key",
    403: "what the key or the content allows",
    404: "the name of the model or of the deployment",
    429: "a quota",
    500: "a fault of the provider's",
}
OUTSIDE_MESSAGE = {
    r"supported with this model|does not support|not enabled for this model": "what that model can do",
    r"decommissioned|Invalid model": "the name of the model",
    r"context (size|length)|prompt too long|length of all messages": "how much that model takes",
    r"expected `text`|either text or image_url": "what that model can look at and listen to",
    r"invalid input error": "what that model's server takes: a tool choice only in words",
    r"Error while downloading": "an address that leads nowhere",
    r"model did not call a tool": "what the model said",
    r"Test error": "written by hand",
}
"""Why a request was refused that is not wrong in itself; the simulator accepts those."""


def recorded() -> list[dict[str, Any]]:
    found = [json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("openai/*/*.json"))]
    return [recording for recording in found if recording["request"]["body"] is not None]


@pytest.fixture(scope="module")
def recordings() -> list[dict[str, Any]]:
    if not (found := recorded()):
        pytest.skip(f"no recordings in {Path(FOLDER).name}/: set RECORDINGS to where they are")
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
            if kind(answer.status_code, answer.text) not in kinds(recording):
                otherwise[recording["id"]] = (answer.status_code, answer.text)
    assert otherwise == {}


def test_each_reason_outside_the_request_was_met(recordings: list[dict[str, Any]]) -> None:
    met = {outside(recording) for recording in recordings}
    assert met >= {*OUTSIDE_STATUS.values(), *OUTSIDE_MESSAGE.values()}


def outside(recording: dict[str, Any]) -> str | None:
    """Why the request was refused, if it was and that was not its own fault."""
    status = recording["response"]["status"]
    if status < 400 or status in OUTSIDE_STATUS:
        return OUTSIDE_STATUS.get(status)
    said = str(recording["expected"]["error"]["message"])
    return next((reason for pattern, reason in OUTSIDE_MESSAGE.items() if re.search(pattern, said)), None)


async def send(http: httpx.AsyncClient, recording: dict[str, Any]) -> httpx.Response:
    """The recorded request, to where OpenAI or Azure has it; other vendors have paths of their own."""
    _, azure, deployment = urlsplit(recording["request"]["url"]).path.partition("/deployments/")
    path = f"/openai/deployments/{deployment}" if azure else "/v1/chat/completions"
    return await http.post(path, json=recording["request"]["body"])


def kind(status: int, body: str) -> tuple[int, object, object]:
    error = json.loads(body).get("error") or {}
    return status, error.get("type"), error.get("code")


def kinds(recording: dict[str, Any]) -> list[tuple[int, object, object]]:
    """What the refusal may be: OpenAI's very code; of a vendor that gives a number, any code of OpenAI's."""
    response = recording["response"]
    status, _, code = kind(response["status"], response["body"])
    return [(status, "invalid_request_error", one) for one in ([code] if isinstance(code, str) else OURS)]


OURS = ("invalid_type", "invalid_value", "decimal_above_max_value", "integer_above_max_value")
