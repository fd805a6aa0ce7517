"""S08, S10 and S11: the primary's answer breaks off, holds something unreadable, or does not say that it ends.

At scale 1: nothing waits, but for the 2 s for which a finished stream may be held open, which the code fixes. Of a
broken whole answer nobody has seen anything, so that it is asked for again, once, and then elsewhere. How a broken
stream goes on stands in `recovering`.
"""

from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.chaos.expect import expect, expect_that
from tests.chaos.one_call import OneCall
from tests.chaos.scenario import UPSTREAM, Mode, Scenario
from tests.chaos.seen import Seen

SCHEMA = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}'
APPENDS = pb.CallPolicy(recovery=pb.RECOVERY_CONTINUE)
"""The caller cannot forget what it was shown."""
GOES_ON = {"secondary/{}": {"prefill": True}}
CUT = "tokens(60)+cut(40)"
A_TOOL_CALL = RequestFields(
    policy=APPENDS,
    tools=[pb.Tool(name="get_weather", description="The weather in a city.", parameters_json=SCHEMA)],
    tool_choice=pb.ToolChoice(tool_name="get_weather"),
)
STRUCTURED = RequestFields(
    policy=APPENDS, response_format=pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="place", schema_json=SCHEMA))
)


def _recovers(kind: str, fault: str) -> OneCall:
    """Of a whole answer."""
    return OneCall(
        primary=fault,
        secondary="tokens(60)",
        tokens=60,
        sees="completed by secondary",
        attempts=[f"primary {kind}", f"primary {kind}", "secondary ANSWERED"],
    )


def _counted(seen: Seen) -> None:
    expect("the attempt's detail", seen.provenance.attempts[0].detail, "1 malformed chunk was skipped")


def _held_no_longer(seen: Seen) -> None:
    expect_that(seen.seconds < 3.0, f"it took {seen.seconds:.2f} s; a finished stream may be held open for 2 s")


SCENARIOS = [
    Scenario(
        key="s08",
        does="cuts the body half-way",
        modes=[Mode.UNARY],
        play=_recovers("CUT_OFF", CUT),
    ),
    Scenario(
        key="s08-upstream",
        does="cuts the stream, the provider streams",
        modes=[Mode.UNARY],
        route=UPSTREAM,
        play=_recovers("CUT_OFF", CUT),
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
        models=GOES_ON,
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
        models=GOES_ON,
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
