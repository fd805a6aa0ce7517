"""What real callers sent, said through the contract, against the bytes that they sent."""

import re

import orjson
import pytest

from service.providers.anthropic import Anthropic
from tests.kit.differences import Allowed, Difference, differences, left_out, reasons
from tests.kit.recordings import load, paths
from tests.providers.anthropic.requests_of import ISSUER, Asked, Unsayable, asked

ALLOWED = (
    Allowed(r"stream|messages\.content\.is_error", left_out(False), "what holds if nothing is said"),
    Allowed(r"tool_choice\.disable_parallel_tool_use", left_out(False), "calls may come together if nothing is said"),
    Allowed(r"tools\.description", left_out(""), "an empty text says nothing"),
    Allowed(
        r"system|messages\.content",
        lambda theirs, ours: theirs == [{"type": "text", "text": ours}],
        "one text is said as a string, which everybody takes",
    ),
    Allowed(r".*\.cache_control\.ttl", left_out("5m"), "five minutes is the default"),
    Allowed(r"temperature", left_out(1.0), "1 is what holds while the model thinks, and nothing else"),
    Allowed(r"messages\.content\.name", left_out(), "the name of a tool beside its result, which MiniMax passes over"),
)
UNSAYABLE = {
    "anthropic-json-b0f6238925d9": "a document with citations",
    "anthropic-stream-d0948a940b38": "a document with citations",
}
"""Requests that cannot be made of the contract: that answers shall cite a document is no word of it."""
OPTIONS = {
    "tools",  # hosted ones, or such of which more is said
    "tool_choice",  # among those
    "thinking",  # misspelt, as MiniMax's callers do
    "output_format",  # the beta of what is output_config now
    "mcp_servers",
}

REQUESTS = {path.stem: body for path in paths("anthropic") if isinstance(body := load(path)["request"]["body"], dict)}
without_recordings = pytest.mark.skip("no recordings: set RECORDINGS to their folder")


@pytest.mark.parametrize("name", sorted(REQUESTS.keys() - UNSAYABLE) or [pytest.param("", marks=without_recordings)])
def test_a_recorded_request_can_be_made_of_the_contract_alone(name: str) -> None:
    caller = asked(REQUESTS[name])
    assert caller.options.keys() - OPTIONS == set()
    assert [each for each in changed(name, caller) if not reasons(ALLOWED, each)] == []


@pytest.mark.parametrize("name", sorted(REQUESTS.keys() & UNSAYABLE) or [pytest.param("", marks=without_recordings)])
def test_what_the_contract_leaves_out_cannot_be_said(name: str) -> None:
    with pytest.raises(Unsayable, match=re.escape(UNSAYABLE[name])):
        asked(REQUESTS[name])


@pytest.mark.skipif(not REQUESTS, reason="no recordings: set RECORDINGS to their folder")
def test_every_allowed_difference_and_every_option_is_met() -> None:
    callers = {name: asked(body) for name, body in REQUESTS.items() if name not in UNSAYABLE}
    found = [each for name, caller in callers.items() for each in changed(name, caller)]
    assert {reason for each in found for reason in reasons(ALLOWED, each)} == {allowed.reason for allowed in ALLOWED}
    assert {option for caller in callers.values() for option in caller.options} == OPTIONS
    assert REQUESTS.keys() >= UNSAYABLE.keys()


def changed(name: str, caller: Asked) -> list[Difference]:
    """Where the recorded body and ours are not the same."""
    body = REQUESTS[name]
    wire = Anthropic(caller.dialect, provider=ISSUER)
    question = wire.encode(caller.request, body.get("model", "in the url"), stream=body.get("stream") is True)
    return list(differences(body, orjson.loads(question.body)))
