"""Better an answer that does not fit than none."""

import asyncio
import json
from collections.abc import Callable, Sequence

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.pipeline.layers.settle import Settle
from service.pipeline.stack import stack
from tests.kit.forms import InlineForms, asks_for_json
from tests.kit.replies import failure_of, text_of
from tests.kit.scripted import ScriptedProvider, answers

ACall = Callable[..., Call]
EVENTS = [
    pb.ChatEvent(started=pb.Started(provider="a", model="m")),
    pb.ChatEvent(text_delta=pb.TextDelta(text="{}")),
    pb.ChatEvent(completed=pb.ChatResponse(structured_output=pb.StructuredOutput(violations=["no"]))),
]


def settling(leaf: Handler, forms: InlineForms | None = None) -> Handler:
    return stack(Settle(forms=forms or InlineForms(), now=lambda: asyncio.get_running_loop().time()), leaf=leaf)


async def failing(call: Call) -> Reply:
    raise Failure(pb.FAILURE_KIND_OUT_OF_TIME, "too late")


def holding(events: Sequence[pb.ChatEvent]) -> Handler:
    async def hold(call: Call) -> Reply:
        call.ledger.hold(events)
        return await failing(call)

    return hold


async def test_what_is_in_hand_is_the_answer_when_nobody_did_better(a_call: ACall) -> None:
    reply = await settling(holding(EVENTS))(a_call(request=asks_for_json()))
    events = await reply.read()
    assert list(events) == EVENTS
    events[-1].completed.id = "mine"
    assert not EVENTS[-1].completed.id, "what several may read is not to be changed"


async def test_an_answer_that_fits_goes_before_what_is_in_hand(a_call: ACall) -> None:
    provider = ScriptedProvider(answers("fits"))

    async def leaf(call: Call) -> Reply:
        call.ledger.hold(EVENTS)
        return await provider(call)

    assert await text_of(await settling(leaf)(a_call(request=asks_for_json()))) == "fits"


async def test_a_call_that_shares_the_requests_of_another_shares_what_they_brought(a_call: ACall) -> None:
    opener, joiner = a_call(request=asks_for_json()), a_call(request=asks_for_json())
    opener.ledger.hold(EVENTS)
    joiner.ledger.join(opener.id, opener.ledger)
    assert await text_of(await settling(failing)(joiner)) == "{}"


async def test_with_empty_hands_a_failure_is_one(a_call: ACall) -> None:
    assert (await failure_of(settling(failing)(a_call(request=asks_for_json())))).kind == pb.FAILURE_KIND_OUT_OF_TIME
    assert (await failure_of(settling(failing)(a_call()))).kind == pb.FAILURE_KIND_OUT_OF_TIME


async def test_nobody_is_asked_with_a_schema_that_is_none(a_call: ACall) -> None:
    request = asks_for_json(json.dumps({"properties": {"a": {"type": "text"}}}))
    failure = await failure_of(settling(ScriptedProvider())(a_call(request=request)))
    assert failure.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert failure.detail.startswith("response_format.json_schema.schema_json /properties/a/type: ")


@pytest.mark.parametrize("request_", [None, asks_for_json(None)], ids=["text", "any object"])
async def test_without_a_schema_there_is_none_to_look_at(a_call: ACall, request_: pb.ChatRequest | None) -> None:
    forms = InlineForms()
    call = a_call() if request_ is None else a_call(request=request_)
    await text_of(await settling(ScriptedProvider(answers("{}")), forms)(call))
    assert forms.schemas == []


async def test_to_find_out_about_a_schema_takes_no_longer_than_there_is_time(a_call: Callable[..., Call]) -> None:
    class Slow(InlineForms):
        async def wrong_with(self, schema: str, *, seconds: float) -> str | None:
            await asyncio.sleep(min(seconds, 5))
            return None

    async def leaf(call: Call) -> Reply:
        return Reply.whole(EVENTS)

    loop = asyncio.get_running_loop()
    reply = await settling(leaf, Slow())(a_call(seconds=1.0, request=asks_for_json()))
    await reply.read()
    assert loop.time() <= 0.5
