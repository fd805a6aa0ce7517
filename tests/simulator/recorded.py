"""Requests that real programs sent to real providers, as the simulator is sent them."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx

from service.simulator.anthropic.thinking import redacted, signature_of
from service.simulator.gemini.signing import signature_of_call, signature_of_text
from tests.kit.recordings import load, paths

DIGEST = 64 * "0"
VERSION = {"anthropic-version": "2023-06-01"}
"""What every program sends; most recorders kept no headers."""

OUTSIDE_STATUS = {
    401: "the key",
    403: "what the key or the content allows",
    404: "the name of the model or of the deployment",
    429: "a quota",
    500: "a fault of the provider's",
}
OUTSIDE_MESSAGE = {
    r"supported with this model|does not support|not enabled for": "what that model can do",
    r"decommissioned|Invalid model": "the name of the model",
    r"context (size|length)|prompt too long|length of all messages": "how much that model takes",
    r"expected `text`|either text or image_url": "what that model can look at and listen to",
    r"invalid input error": "what that model's server takes: a tool choice only in words",
    r"Error while downloading": "an address that leads nowhere",
    r"model did not call a tool": "what the model said",
    r"Test error": "written by hand",
}
"""Why a request was refused that is not wrong in itself; the simulator accepts those."""


def requests(protocol: str) -> list[dict[str, Any]]:
    """All that kept what was asked; none where there are no recordings."""
    return [recording for path in paths(protocol) if (recording := load(path))["request"]["body"] is not None]


def outside(recording: dict[str, Any]) -> str | None:
    """Why the request was refused, if it was and that was not its own fault."""
    status = recording["response"]["status"]
    if status < 400 or status in OUTSIDE_STATUS:
        return OUTSIDE_STATUS.get(status)
    said = str(recording["expected"]["error"]["message"])
    return next((reason for pattern, reason in OUTSIDE_MESSAGE.items() if re.search(pattern, said)), None)


async def send(http: httpx.AsyncClient, recording: dict[str, Any]) -> httpx.Response:
    """The recorded request, to its own path or, for vendors of OpenAI's protocol, to where OpenAI or Azure has it.

    What the real provider signed is signed anew: nobody else can.
    """
    address = urlsplit(recording["request"]["url"])
    query = f"?{address.query}" if address.query else ""
    body = json.loads(json.dumps(recording["request"]["body"]))
    match recording["protocol"]:
        case "openai":
            _, azure, deployment = address.path.partition("/deployments/")
            return await http.post(f"/openai/deployments/{deployment}" if azure else "/v1/chat/completions", json=body)
        case "anthropic":
            sign_thoughts(body)
            return await http.post(address.path + query, json=body, headers=VERSION)
        case _:
            sign_parts(body)
            return await http.post(address.path + query, json=body)


def sign_thoughts(body: dict[str, Any]) -> None:
    for block in objects(body):
        if block.get("type") == "thinking" and "signature" in block:
            block["signature"] = signature_of(DIGEST, block["thinking"])
        elif block.get("type") == "redacted_thinking":
            block["data"] = redacted(DIGEST)


def sign_parts(body: dict[str, Any]) -> None:
    for part in objects(body):
        if "thoughtSignature" in part and (call := part.get("functionCall")):
            part["thoughtSignature"] = signature_of_call(DIGEST, call["name"], call.get("args", {}))
        elif "thoughtSignature" in part:
            part["thoughtSignature"] = signature_of_text(DIGEST)


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every JSON object in `value`."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def kind(protocol: str, status: int, body: str) -> tuple[object, ...]:
    """What tells one error from another; of OpenAI's the code as well."""
    error = json.loads(body).get("error") or {}
    match protocol:
        case "openai":
            return status, error.get("type"), error.get("code")
        case "anthropic":
            return status, error.get("type")
        case _:
            return status, error.get("status")


def kinds(recording: dict[str, Any]) -> list[tuple[object, ...]]:
    """What the refusal may be: as it was; for an OpenAI vendor that gives a number, with any code of OpenAI's."""
    response = recording["response"]
    was = kind(recording["protocol"], response["status"], response["body"])
    if recording["protocol"] != "openai":
        return [was]
    codes = [was[2]] if isinstance(was[2], str) else OURS
    return [(was[0], "invalid_request_error", code) for code in codes]


OURS = ("invalid_type", "invalid_value", "decimal_above_max_value", "integer_above_max_value")
