"""Which answers are worth keeping."""

import pytest

from mainstay import v1 as pb
from service.policies.cacheable import may_keep


def answer(output: pb.StructuredOutput | None = None, **fields: object) -> pb.ChatResponse:
    said = pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text="{}")])
    whole = pb.ChatResponse(message=said, finish_reason=pb.FINISH_REASON_STOP, **fields)  # type: ignore[arg-type]
    if output is not None:
        whole.structured_output.CopyFrom(output)
    return whole


@pytest.mark.parametrize(
    ("output", "kept"),
    [
        (None, True),
        (pb.StructuredOutput(valid=True), True),
        (pb.StructuredOutput(valid=True, repaired=True, reasked=True), True),
        (pb.StructuredOutput(), False),
        (pb.StructuredOutput(violations=["it is not JSON"]), False),
    ],
)
def test_an_answer_is_kept_unless_it_has_not_got_the_form_asked_for(
    output: pb.StructuredOutput | None, kept: bool
) -> None:
    assert may_keep(answer(output), tool_calls=False) is kept
