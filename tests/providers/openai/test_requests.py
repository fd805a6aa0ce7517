"""What real callers sent, said through the contract, against the bytes that they sent."""

import re

import orjson
import pytest

from service.providers.openai import OpenAI
from tests.kit.differences import ABSENT, Allowed, Difference, differences, left_out, reasons
from tests.kit.recordings import load, paths
from tests.providers.openai.requests_of import Asked, Unsayable, asked

ALLOWED = (
    Allowed(r".*", left_out(None), "null is what is there if nothing is said"),
    Allowed(r"stream", left_out(False), "a whole answer is what comes if nothing is said"),
    Allowed(r"stream_options", left_out({"include_usage": False}), "no stream, or usage is wanted anyway"),
    Allowed(r"n", left_out(1), "one answer is what comes if nothing is said"),
    Allowed(r"tools|stop|messages\.annotations", left_out([]), "an empty list says nothing"),
    Allowed(r"tools\.function\.description", left_out(""), "an empty text says nothing"),
    Allowed(r"messages\.prefix", left_out(False), "the turn is not to be continued, which is the default"),
    Allowed(r"response_format", left_out({"type": "text"}), "text is what comes if nothing is said"),
    Allowed(r"model", lambda theirs, ours: theirs == ABSENT and ours == "in the url", "old Azure has it in the URL"),
    Allowed(r"tools\.type", lambda theirs, ours: (theirs, ours) == (ABSENT, "function"), "Mistral's default"),
    Allowed(r"stop", lambda theirs, ours: ours == [theirs], "a list of one is the same as the text alone"),
    Allowed(
        r"messages\.content",
        lambda theirs, ours: theirs == [{"type": "text", "text": ours}],
        "one text is said as a string, which every vendor takes",
    ),
    Allowed(r"messages\.content", lambda theirs, ours: (theirs, ours) == ([], ""), "no parts are said as no text"),
    Allowed(
        r"messages\.content\.image_url",
        lambda theirs, ours: ours == {"url": theirs},
        "an address alone is the old way to say it",
    ),
    Allowed(
        r"messages\.content",
        lambda theirs, ours: ours == [{"type": "text", "text": theirs, "cache_control": {"type": "ephemeral"}}],
        "the contract breaks at parts, as everybody does but Vercel's gateway",
    ),
    Allowed(r"messages\.cache_control", left_out({"type": "ephemeral"}), "see above: it stands on the part"),
    Allowed(r"messages\.content\.cache_control\.ttl", left_out("5m"), "five minutes is the default"),
    Allowed(
        r"messages\.content\.prompt_cache_breakpoint",
        left_out({"mode": "explicit"}),
        "a hint in OpenAI's own words, for which no dialect has a word yet",
    ),
    Allowed(r"messages\.name", left_out("add"), "the name of a tool beside its result: the contract has the id"),
    Allowed(r"messages\.tool_calls\.index", left_out(0), "left over from the stream that the call came in"),
    Allowed(r"messages\.reasoning", left_out(), "the same thoughts as in reasoning_content"),
    Allowed(r"response_format\.json_schema\.description", left_out(), "the contract has no description of a schema"),
    Allowed(
        r"response_format\.json_schema\.name",
        lambda theirs, ours: (theirs, ours) == (ABSENT, ""),
        "a schema has a name in the contract; the door would refuse this one",
    ),
    Allowed(
        r"temperature",
        lambda theirs, ours: theirs > 2 and ours == 2,
        "a fault that the caller wanted to see; the door would refuse it",
    ),
    Allowed(r"max_tokens", left_out(500), "said beside max_completion_tokens, which is the same"),
)
UNSAYABLE = {
    "deepseek-json-e219c666958a": "a piece of type input_audio",
    "llamacpp-json-a76d8ea81ebc": "temperature as a text",
    "mistral-json-f4ae82beea47": "a piece of type input_audio",
    "mistral-stream-754423103992": "a piece of type input_audio",
    "ollama-json-e6adc0bebb7c": "pictures beside the content, which is Ollama's own protocol",
    "openai-json-062ce0649164": "a piece of type input_audio",
    "openai-json-7e00e53d4e03": "a piece of type input_audio",
    "openai-json-baecc192d2af": "a piece of type None",
    "openrouter-json-cff0ff2ab371": "a piece of type input_audio",
}
"""Requests that cannot be made of the contract: it has no audio on purpose, and faults have no place in it."""
OPTIONS = {
    # What the protocol or a vendor has and the contract leaves out.
    *("logprobs", "top_logprobs", "n", "modalities", "audio", "prediction", "functions", "moderation", "fps"),
    *("service_tier", "store", "prompt_cache_key", "prompt_cache_options", "safe_prompt", "reasoning_format"),
    *("provider", "models", "usage", "plugins", "transforms", "venice_parameters", "web_search", "web_search_options"),
    "clear_thinking",
}
BESIDES = {
    "openai-json-037976aea804": {"tools"},  # custom tools
    "openrouter-stream-5ceb01589002": {"tools"},  # hosted tools
    "zhipu-json-120992f5de89": {"thinking"},  # with clear_thinking inside
    "zhipu-stream-22d88e0c2b92": {"thinking"},
}
"""Options although the contract has a word, because it has not this one."""

REQUESTS = {path.stem: body for path in paths("openai") if isinstance(body := load(path)["request"]["body"], dict)}
without_recordings = pytest.mark.skip("no recordings: set RECORDINGS to their folder")


@pytest.mark.parametrize("name", sorted(REQUESTS.keys() - UNSAYABLE) or [pytest.param("", marks=without_recordings)])
def test_a_recorded_request_can_be_made_of_the_contract_alone(name: str) -> None:
    caller = asked(REQUESTS[name], "vendor")
    assert caller.options.keys() - OPTIONS == BESIDES.get(name, set())
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
    assert {option for caller in callers.values() for option in caller.options} >= OPTIONS
    assert REQUESTS.keys() >= UNSAYABLE.keys() | BESIDES.keys()


def changed(name: str, caller: Asked) -> list[Difference]:
    """Where the recorded body and ours are not the same."""
    body = REQUESTS[name]
    wire = OpenAI(caller.dialect, provider="vendor")
    question = wire.encode(caller.request, body.get("model", "in the url"), stream=body.get("stream") is True)
    return list(differences(body, orjson.loads(question.body)))
