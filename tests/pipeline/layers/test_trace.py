"""The span of a call."""

import asyncio
from collections.abc import Callable

import pytest
from opentelemetry.trace import NonRecordingSpan, SpanContext, StatusCode

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.target import Candidate, Target
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.trace import Trace
from service.pipeline.stack import stack
from tests.conftest import PRIMARY
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, Take, answers, breaks, pauses, refuses
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]


def attempts(now: Callable[[], float], spans: SpanBook) -> Attempt:
    return Attempt(now=now, tracer=spans.tracer, observe=Facts().observe, named=[PRIMARY])


async def test_the_span_lasts_until_the_last_event(a_call: ACall, spans: SpanBook) -> None:
    reply = await stack(Trace(tracer=spans.tracer), leaf=ScriptedProvider(answers("a", pauses(1))))(a_call())
    assert spans.open == 1
    await kinds_of(reply)
    assert spans.named("chat fast").attributes == {
        "mainstay.route": "fast",
        "mainstay.model": "fast",
        "mainstay.attempts": 0,
    }


@pytest.mark.parametrize(
    "take", [refuses(pb.FAILURE_KIND_STALLED), answers("a", breaks(pb.FAILURE_KIND_STALLED))], ids=["at once", "later"]
)
async def test_the_span_of_a_broken_call_says_why(take: Take, a_call: ACall, spans: SpanBook) -> None:
    async def ask_and_read() -> None:
        await kinds_of(await stack(Trace(tracer=spans.tracer), leaf=ScriptedProvider(take))(a_call()))

    await failure_of(ask_and_read())
    span = spans.named("chat")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "STALLED")
    assert span.attributes is not None
    assert span.attributes["error.type"] == "STALLED"


async def test_the_span_of_a_cancelled_call_ends(a_call: ACall, spans: SpanBook) -> None:
    handler = stack(Trace(tracer=spans.tracer), leaf=ScriptedProvider(answers(opens_after=99)))
    waiting = asyncio.ensure_future(handler(a_call()))
    await asyncio.sleep(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert spans.open == 0


async def test_attempts_are_children_of_the_chat(a_call: ACall, now: Callable[[], float], spans: SpanBook) -> None:
    layers = (Trace(tracer=spans.tracer), attempts(now, spans))
    await kinds_of(await stack(*layers, leaf=ScriptedProvider(answers("a")))(a_call()))
    parent = spans.named("chat m1").parent
    assert parent is not None
    assert parent.span_id == spans.named("chat fast").context.span_id


async def test_tokens_stand_on_the_attempt_alone_since_backends_add_them_up(
    a_call: ACall, now: Callable[[], float], spans: SpanBook
) -> None:
    layers = (Trace(tracer=spans.tracer), attempts(now, spans))
    await kinds_of(await stack(*layers, leaf=ScriptedProvider(answers("a")))(a_call()))
    (attempt,) = [span for span in spans.ended if any(key.startswith("gen_ai.usage") for key in span.attributes or {})]
    assert attempt.name == "chat m1"


async def test_nothing_is_made_below_a_span_that_is_not_recorded(
    a_call: ACall, now: Callable[[], float], spans: SpanBook
) -> None:
    layers = (Trace(tracer=spans.tracer), attempts(now, spans))
    call = a_call(span=NonRecordingSpan(SpanContext(1, 2, is_remote=True)))
    await kinds_of(await stack(*layers, leaf=ScriptedProvider(answers("a")))(call))
    assert spans.ended == []


@pytest.mark.parametrize(
    ("target", "names"),
    [
        (PRIMARY, {"chat primary/m1", "chat m1"}),
        (Target("primary", "invented\x1b[31m"), {"chat other"}),
    ],
    ids=["named", "invented"],
)
async def test_names_hold_only_what_the_configuration_names_and_attributes_the_rest(
    target: Target, names: set[str], a_call: ACall, now: Callable[[], float], spans: SpanBook
) -> None:
    layers = (Trace(tracer=spans.tracer, named=[PRIMARY]), attempts(now, spans))
    call = a_call(route="", candidates=[Candidate(target=target)])
    call = changed(call, request=pb.ChatRequest(model=str(target)))
    await kinds_of(await stack(*layers, leaf=ScriptedProvider(answers("a")))(call))
    chat, attempt = spans.ended
    assert {chat.name, attempt.name} == names
    told = {(chat.attributes or {})["mainstay.model"], (attempt.attributes or {})["gen_ai.request.model"]}
    readable = target.model.replace("\x1b", "\ufffd")
    assert told == {f"primary/{readable}", readable}
