"""What real callers sent, said through the contract, against the bytes that they sent."""

import re

import orjson
import pytest

from service.providers.gemini import Gemini
from tests.kit.differences import ABSENT, Allowed, Difference, differences, left_out, reasons
from tests.kit.recordings import load, paths
from tests.providers.gemini.requests_of import Asked, Unsayable, asked

THINKING = r"generationConfig\.thinkingConfig"
ALLOWED = (
    Allowed(r".*", left_out(None), "null is what is there if nothing is said"),
    Allowed(r"model", left_out(), "the model is in the path"),
    Allowed(r"generationConfig", left_out({}), "an empty object says nothing"),
    Allowed(r"tools\.functionDeclarations\.description", left_out(""), "an empty text says nothing"),
    Allowed(r"systemInstruction\.role", left_out("user", "model"), "instructions have no role; Google ignores it"),
    Allowed(r".*\.thought", left_out(False), "a part is no thought if nothing is said"),
    Allowed(
        r"contents",
        lambda theirs, ours: (
            [part for turn in theirs for part in turn["parts"]] == [part for turn in ours for part in turn["parts"]]
        ),
        "turns of one role that follow each other are one turn",
    ),
    Allowed(
        r"contents\.parts\.inlineData\.data",
        lambda theirs, ours: theirs.replace("-", "+").replace("_", "/") == ours,
        "bytes may be written in the alphabet of URLs",
    ),
    Allowed(rf"{THINKING}\.thinkingLevel", lambda theirs, ours: theirs.upper() == ours, "levels in any case"),
    Allowed(rf"{THINKING}\.(include_thoughts|thinking_budget)", left_out(), "names of fields in the other spelling"),
    Allowed(rf"{THINKING}\.(includeThoughts|thinkingBudget)", lambda theirs, _: theirs == ABSENT, "see above"),
    Allowed(
        r".*\.parameters(\..*)?\.type",
        lambda theirs, ours: {6: "OBJECT", 1: "STRING"}.get(theirs) == ours,
        "types as numbers, which only a URL with an encoding of its own allows",
    ),
)
UNSAYABLE = {"vertex-json-16818b7dec97": "a turn of invalid_role"}
"""Requests that cannot be made of the contract: faults have no place in it."""
OPTIONS = {
    # What Google has and the contract leaves out.
    *("safetySettings", "cachedContent", "modelArmorConfig", "tools", "toolConfig"),
    *("generationConfig.candidateCount", "generationConfig.responseModalities"),
    *("generationConfig.logprobs", "generationConfig.responseLogprobs"),
}

REQUESTS = {path.stem: body for path in paths("gemini") if isinstance(body := load(path)["request"]["body"], dict)}
without_recordings = pytest.mark.skip("no recordings: set RECORDINGS to their folder")


@pytest.mark.parametrize("name", sorted(REQUESTS.keys() - UNSAYABLE) or [pytest.param("", marks=without_recordings)])
def test_a_recorded_request_can_be_made_of_the_contract(name: str) -> None:
    caller = asked(REQUESTS[name], "vendor")
    assert options(caller) - OPTIONS == set()
    assert [each for each in changed(name, caller) if not reasons(ALLOWED, each)] == []


@pytest.mark.parametrize("name", sorted(REQUESTS.keys() & UNSAYABLE) or [pytest.param("", marks=without_recordings)])
def test_what_the_contract_leaves_out_cannot_be_said(name: str) -> None:
    with pytest.raises(Unsayable, match=re.escape(UNSAYABLE[name])):
        asked(REQUESTS[name], "vendor")


@pytest.mark.skipif(not REQUESTS, reason="no recordings: set RECORDINGS to their folder")
def test_every_allowed_difference_and_every_option_is_met() -> None:
    callers = {name: asked(body, "vendor") for name, body in REQUESTS.items() if name not in UNSAYABLE}
    found = [each for name, caller in callers.items() for each in changed(name, caller)]
    assert {reason for each in found for reason in reasons(ALLOWED, each)} == {allowed.reason for allowed in ALLOWED}
    assert {option for caller in callers.values() for option in options(caller)} == OPTIONS
    assert REQUESTS.keys() >= UNSAYABLE.keys()


def options(caller: Asked) -> set[str]:
    """What was said in Google's own words, by name; members of `generationConfig` each by its own."""
    ours = {name for name in caller.options if name != "generationConfig"}
    return ours | {f"generationConfig.{name}" for name in caller.options.get("generationConfig", {})}


def changed(name: str, caller: Asked) -> list[Difference]:
    """Where the recorded body and ours are not the same."""
    question = Gemini(caller.dialect, provider="vendor").encode(caller.request, "m", stream=False)
    return list(differences(REQUESTS[name], orjson.loads(question.body)))
