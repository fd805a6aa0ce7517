"""What the command says about answers and failures."""

import grpc
import pytest

from mainstay import InvalidRequest, Unavailable, Violation, render
from mainstay import v1 as pb
from tests.client.scripted import answer


def test_a_plain_answer_takes_a_few_lines() -> None:
    assert render.summary(answer("Yes.")) == [
        "source    model, acme/large",
        "attempts  1",
        "tokens    12 in, 34 out",
        "cost      $0.0000365",
        "time      1.53 s, first token after 0.42 s",
        "trace     4bf92f3577b34da6a3ce929d0e0e4736",
    ]


def test_an_answer_that_took_several_attempts_lists_them() -> None:
    response = answer("Yes.")
    failed = pb.Attempt(
        number=1,
        provider="acme",
        model="large",
        cause=pb.ATTEMPT_CAUSE_FIRST,
        outcome=pb.ATTEMPT_OUTCOME_FAILED,
        failure=pb.FAILURE_KIND_RATE_LIMITED,
        detail="HTTP 429",
    )
    failed.latency.FromMilliseconds(250)
    good = pb.Attempt(
        number=2,
        provider="other",
        model="small",
        cause=pb.ATTEMPT_CAUSE_FALLBACK,
        outcome=pb.ATTEMPT_OUTCOME_ANSWERED,
    )
    del response.provenance.attempts[:]
    response.provenance.attempts.extend([failed, good])
    assert render.summary(response)[1:4] == [
        "attempts  2",
        "  1. acme/large (first) failed: rate limited: HTTP 429, 0.25 s",
        "  2. other/small (fallback) answered, 0.00 s",
    ]


def test_what_is_out_of_the_ordinary_is_said() -> None:
    response = answer("Yes.")
    response.source = pb.SOURCE_STALE_CACHE
    response.notice = "This answer is two hours old."
    response.finish_reason = pb.FINISH_REASON_LENGTH
    response.adjustments.add(field="temperature", action=pb.ADJUSTMENT_ACTION_DROPPED, detail="it takes none")
    response.usage.estimated = True
    del response.provenance.attempts[:]
    response.provenance.ClearField("time_to_first_token")
    response.provenance.ClearField("cost_nano_usd")
    assert render.summary(response)[:8] == [
        "source    stale cache, acme/large",
        "notice    This answer is two hours old.",
        "finish    length",
        "adjusted  temperature dropped: it takes none",
        "attempts  none",
        "tokens    12 in, 34 out (estimated)",
        "cost      unknown",
        "time      1.53 s",
    ]


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        (pb.StructuredOutput(valid=True), []),
        (pb.StructuredOutput(valid=True, repaired=True), ["form      valid, repaired"]),
        (pb.StructuredOutput(valid=True, repaired=True, reasked=True), ["form      valid, repaired, asked twice"]),
        (
            pb.StructuredOutput(reasked=True, violations=['"age" is a required property', "/name: it is empty"]),
            [
                "form      not what was asked for, asked twice",
                '  "age" is a required property',
                "  /name: it is empty",
            ],
        ),
    ],
)
def test_a_form_is_spoken_of_unless_the_answer_simply_has_it(output: pb.StructuredOutput, lines: list[str]) -> None:
    response = answer("{}")
    response.structured_output.CopyFrom(output)
    assert render.summary(response)[1 : 1 + len(lines)] == lines
    assert len(render.summary(response)) == len(render.summary(answer("{}"))) + len(lines)


@pytest.mark.parametrize(
    ("nano", "dollars"),
    [(0, "$0"), (1, "$0.000000001"), (12_500, "$0.0000125"), (3 * 10**9, "$3"), (1_500_000_000, "$1.5")],
)
def test_a_cost_has_all_the_digits_that_it_needs(nano: int, dollars: str) -> None:
    response = answer("Yes.")
    response.provenance.cost_nano_usd = nano
    assert f"cost      {dollars}" in render.summary(response)
    response.provenance.attempts.add(usage=pb.Usage(input_tokens=1, estimated=True))
    assert f"cost      {dollars} (some of it estimated)" in render.summary(response)


def test_what_the_server_leaves_out_is_not_made_up() -> None:
    lines = render.summary(pb.ChatResponse(source=pb.SOURCE_RULE, finish_reason=pb.FINISH_REASON_STOP))
    assert lines == ["source    rule", "attempts  none", "tokens    unknown", "cost      unknown", "time      0.00 s"]


def test_a_word_newer_than_this_release_is_a_number() -> None:
    response = answer("Yes.")
    response.source = pb.Source.ValueType(99)
    assert render.summary(response)[0] == "source    99, acme/large"


def test_a_failure_says_what_where_and_when_to_come_back() -> None:
    attempt = pb.Attempt(
        number=1,
        provider="acme",
        model="large",
        cause=pb.ATTEMPT_CAUSE_FIRST,
        outcome=pb.ATTEMPT_OUTCOME_FAILED,
        failure=pb.FAILURE_KIND_OVERLOADED,
    )
    error = Unavailable(
        "nobody could answer",
        code=grpc.StatusCode.UNAVAILABLE,
        reason="OVERLOADED",
        retry_after=2.5,
        call_failure=pb.CallFailure(provenance=pb.Provenance(attempts=[attempt])),
        trace_id="4bf9",
    )
    assert render.failure(error) == [
        "mainstay: nobody could answer (OVERLOADED)",
        "attempts  1",
        "  1. acme/large (first) failed: overloaded, 0.00 s",
        "retry     after 2.5 s",
        "trace     4bf9",
    ]


def test_violations_are_listed_with_their_fields() -> None:
    error = InvalidRequest(
        "the request has 1 error",
        reason="INVALID_REQUEST",
        violations=(Violation("temperature", "is over 2"),),
    )
    assert render.failure(error) == [
        "mainstay: the request has 1 error (INVALID_REQUEST)",
        "  temperature: is over 2",
    ]


def test_models_stand_in_a_table() -> None:
    found = [
        pb.Model(
            name="default",
            targets=["acme/large", "other/small"],
            context_tokens=200_000,
            tools=True,
            usable=True,
        ),
        pb.Model(name="fast", targets=["acme/tiny"], images=True, json_schema=True, reasoning=True),
    ]
    assert render.models(found) == [
        "default  acme/large > other/small, 200000 tokens, tools",
        "fast     acme/tiny, images, json_schema, reasoning, not usable: no credential",
    ]


def test_control_characters_do_not_reach_a_terminal() -> None:
    assert render.printable("a\x1b[31mb\r\x07\x9b\n\tc é 漢 🙂") == "a[31mb\n\tc é 漢 🙂"
