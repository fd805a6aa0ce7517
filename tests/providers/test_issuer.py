"""Every tool call says who made it, from the leaf to the caller's fold."""

import ssl
from collections.abc import Callable
from typing import Any

import orjson
import pytest

import mainstay
from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.fold import Fold
from service.chat.target import Candidate, Target
from service.providers.http import Connecting, Http
from service.providers.opaque import part_state, with_issuer
from service.providers.openai import OpenAI
from service.providers.provider import Address, Provider
from tests.kit.replay import Replayed, replaying

ACall = Callable[..., Call]
CALLS = [{"index": place, "id": id, "function": {"name": "f", "arguments": "{}"}} for place, id in enumerate("ab")]
WHOLE = orjson.dumps({"choices": [{"message": {"tool_calls": CALLS}, "finish_reason": "tool_calls"}]})
BEGUN = {"choices": [{"delta": {"tool_calls": CALLS}}]}
MORE = {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": " "}}]}}]}
ENDED = {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}
STREAM = b"".join(b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in (BEGUN, MORE, ENDED))


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Real time: the sockets are real."""
    return "asyncio", {"use_uvloop": True}


def call(part: int, arguments: str, **first: str) -> pb.ChatEvent:
    return pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=part, arguments_json=arguments, **first))


FIRST, NEXT = call(1, "{", id="c", name="f"), call(1, "}")
TEXT = pb.ChatEvent(text_delta=pb.TextDelta(part=0, text="hi"))


def test_a_call_is_marked_once_behind_its_first_delta() -> None:
    assert with_issuer([TEXT, FIRST, NEXT], "p") == [TEXT, FIRST, part_state(1, "p", b""), NEXT]
    assert with_issuer([NEXT], "p") == [NEXT]


def test_what_calls_nothing_passes_as_it_is() -> None:
    events = [TEXT, pb.ChatEvent(completed=pb.ChatResponse())]
    assert with_issuer(events, "p") is events


def test_a_call_with_a_state_of_its_own_needs_no_other_word() -> None:
    own = part_state(1, "p", b"{}")
    assert with_issuer([FIRST, own, call(2, "", id="d", name="g")], "p")[1:] == [
        own,
        call(2, "", id="d", name="g"),
        part_state(2, "p", b""),
    ]


@pytest.mark.parametrize(("streamed", "body"), [(False, WHOLE), (True, STREAM), (True, WHOLE)])
async def test_every_call_of_an_answer_names_the_provider_that_was_asked(
    streamed: bool, body: bytes, a_call: ACall
) -> None:
    fold = Fold()
    candidate = Candidate(target=Target("second", "m"))
    async with replaying(Replayed(body=body)) as url, Http(Connecting(ssl.create_default_context())) as http:
        provider = Provider(Address(base_url=url), OpenAI(provider="second"), http, lambda call: {})
        reply = await provider(a_call(streamed=streamed, candidates=[candidate]))
        async for event in reply:
            fold.add(event)
    parts = fold.message().parts
    assert [part.tool_call.id for part in parts] == ["a", "b"]
    assert [part.provider_state for part in parts] == [pb.ProviderState(issuer="second")] * 2


@pytest.mark.parametrize("data", [b"", b"signature"])
def test_both_folds_keep_it_and_a_state_that_comes_later_takes_its_place(data: bytes) -> None:
    events = [*with_issuer([FIRST, NEXT], "p"), part_state(1, "p", data)]
    ours, theirs = Fold(), mainstay.Fold()
    started = pb.ChatEvent(started=pb.Started())
    told = [started, TEXT, *events, pb.ChatEvent(completed=pb.ChatResponse())]
    for sequence, event in enumerate(told, 1):
        ours.add(event)
        event.sequence = sequence
        theirs.add(event)
    assert theirs.response is not None
    for message in (ours.message(), theirs.response.message):
        assert message.parts[1].tool_call == pb.ToolCall(id="c", name="f", arguments_json="{}")
        assert message.parts[1].provider_state == pb.ProviderState(issuer="p", data=data)
