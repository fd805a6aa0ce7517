"""What a question cannot be answered without."""

import pytest

from mainstay import v1 as pb
from service.chat.capabilities import Ability
from service.policies.needs import LACKS, needed

USER, ASSISTANT, TOOL = pb.ROLE_USER, pb.ROLE_ASSISTANT, pb.ROLE_TOOL
PICTURE = pb.Media(url="https://x")


def asking(*messages: pb.Message, **fields: object) -> pb.ChatRequest:
    return pb.ChatRequest(messages=messages or [said(USER, pb.Part(text="hi"))], **fields)  # type: ignore[arg-type]


def said(role: pb.Role.ValueType, *parts: pb.Part) -> pb.Message:
    return pb.Message(role=role, parts=parts)


BEGUN = said(ASSISTANT, pb.Part(reasoning=pb.Reasoning(text="hm")), pb.Part(text="It is"))
CALLED = said(ASSISTANT, pb.Part(text="let me see"), pb.Part(tool_call=pb.ToolCall(id="1", name="f")))
ONE_TOOL = [pb.Tool(name="f")]
FORCED = pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED)


@pytest.mark.parametrize(
    ("request_", "needs"),
    [
        (asking(), set()),
        (asking(said(USER, pb.Part(text="what is this?"), pb.Part(image=PICTURE))), {Ability.IMAGES}),
        (asking(said(TOOL, pb.Part(tool_result=pb.ToolResult(images=[PICTURE])))), {Ability.IMAGES}),
        (asking(said(USER, pb.Part(file=PICTURE))), {Ability.FILES}),
        (asking(BEGUN), {Ability.PREFILL}),
        (asking(BEGUN, said(USER, pb.Part(text="go on"))), set()),
        (asking(CALLED), set()),
        (asking(said(ASSISTANT, pb.Part(provider_block=pb.ProviderBlock(json="{}")))), set()),
        (asking(tools=ONE_TOOL), {Ability.TOOLS}),
        (asking(tools=ONE_TOOL, tool_choice=FORCED), {Ability.TOOLS, Ability.FORCED_TOOL_CHOICE}),
        (
            asking(tools=ONE_TOOL, tool_choice=pb.ToolChoice(tool_name="f")),
            {Ability.TOOLS, Ability.FORCED_TOOL_CHOICE},
        ),
        (asking(tools=ONE_TOOL, tool_choice=pb.ToolChoice(mode=pb.TOOL_MODE_AUTO)), {Ability.TOOLS}),
        (asking(response_format=pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="s"))), set()),
        (
            asking(reasoning=pb.ReasoningOptions(effort=pb.REASONING_EFFORT_OFF), temperature=1, max_output_tokens=9),
            set(),
        ),
        (pb.ChatRequest(), set()),
    ],
)
def test_a_question_needs_what_nobody_can_leave_out(request_: pb.ChatRequest, needs: set[Ability]) -> None:
    assert needed(request_, list(Ability)) == needs


def test_only_what_somebody_lacks_is_looked_for() -> None:
    assert needed(asking(BEGUN, tools=ONE_TOOL), {Ability.TOOLS}) == {Ability.TOOLS}
    assert needed(asking(BEGUN, tools=ONE_TOOL), set()) == set()


def test_every_lack_can_be_told() -> None:
    assert LACKS.keys() == set(Ability)
    assert all("p/m" in words.format("p/m") for words in LACKS.values())
