"""S08, S10 and S11: the primary's answer breaks off, holds something unreadable, or does not say that it ends.

At scale 1: nothing waits, but for the 2 s for which a finished stream may be held open, which the code fixes. A broken
stream is told as it is, because what was shown cannot be taken back; of a broken whole answer nobody has seen anything,
so that it is asked for again, once, and then elsewhere.
"""

from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.chaos.expect import expect, expect_that
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.seen import Seen

SCHEMA = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
A_TOOL_CALL = RequestFields(
    tools=[pb.Tool(name="get_weather", description="The weather in a city.", parameters_json=SCHEMA)],
    tool_choice=pb.ToolChoice(tool_name="get_weather"),
)
STRUCTURED = RequestFields(
    response_format=pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="place", schema_json=SCHEMA))
)


def _recovers(kind: str, fault: str) -> OneCall:
    """Of a whole answer."""
    return OneCall(
        primary=fault,
        sees="completed by secondary",
        attempts=[f"primary {kind}", f"primary {kind}", "secondary ANSWERED"],
    )


def _cut_after_forty(seen: Seen) -> None:
    words = len(seen.text.split())
    expect_that(20 <= words <= 40, f"{words} words were shown of 40 tokens")


def _counted(seen: Seen) -> None:
    expect("the attempt's detail", seen.provenance.attempts[0].detail, "1 malformed chunk was skipped")


def _held_no_longer(seen: Seen) -> None:
    expect_that(seen.seconds < 3.0, f"it took {seen.seconds:.2f} s; a finished stream may be held open for 2 s")


SCENARIOS = [
    Scenario(
        key="s08",
        does="cuts the body half-way",
        modes=[Mode.UNARY],
        play=_recovers("CUT_OFF", "tokens(60)+cut(40)"),
    ),
    Scenario(
        key="s08-upstream",
        does="cuts the stream, the provider streams",
        modes=[Mode.UNARY],
        upstream="stream",
        play=_recovers("CUT_OFF", "tokens(60)+cut(40)"),
    ),
    Scenario(
        key="s08",
        does="cuts the stream after 40 of 60 tokens",
        modes=[Mode.STREAM],
        play=OneCall(
            primary="tokens(60)+cut(40)",
            sees="UNAVAILABLE CUT_OFF",
            attempts=["primary CUT_OFF"],
            check=_cut_after_forty,
        ),
    ),
    Scenario(
        key="s10",
        does="a body that is not JSON",
        modes=[Mode.UNARY],
        play=_recovers("MALFORMED", "malformed(3)"),
    ),
    Scenario(
        key="s10",
        does="one malformed chunk in a text",
        modes=[Mode.STREAM],
        play=OneCall(
            primary="malformed(3)", sees="completed by primary", attempts=["primary ANSWERED"], check=_counted
        ),
    ),
    Scenario(
        key="s10-tool",
        does="one malformed chunk in a tool call",
        modes=[Mode.STREAM],
        play=OneCall(
            primary="malformed(2)",
            fields=A_TOOL_CALL,
            sees="UNAVAILABLE MALFORMED",
            attempts=["primary MALFORMED"],
        ),
    ),
    Scenario(
        key="s10-json",
        does="one malformed chunk in structured output",
        modes=[Mode.STREAM],
        play=OneCall(
            primary="malformed(2)", fields=STRUCTURED, sees="UNAVAILABLE MALFORMED", attempts=["primary MALFORMED"]
        ),
    ),
    Scenario(
        key="s11",
        does="no [DONE]",
        modes=[Mode.STREAM],
        play=OneCall(primary="nodone", sees="completed by primary", attempts=["primary ANSWERED"]),
    ),
    Scenario(
        key="s11-held",
        does="no [DONE], and the connection stays open",
        modes=[Mode.STREAM],
        play=OneCall(primary="hold", sees="completed by primary", attempts=["primary ANSWERED"], check=_held_no_longer),
    ),
]
