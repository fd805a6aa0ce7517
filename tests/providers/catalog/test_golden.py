"""Each row as it works: one request as it goes out, one answer and one error as they come in.

`golden/<row>.json` holds a model, the vendor's `answer` (a text is a stream) and its `error`, written by hand after
PROVIDERS.md, and beside them `sent`, `events` and `kind`, which are what this service makes of them.
"""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from google.protobuf.json_format import MessageToDict

from mainstay import v1 as pb
from service.providers.auth import carried
from service.providers.catalog import ROWS, Row

GOLDEN = Path(__file__).parent / "golden"
KEY = "sk-canary"

SCHEMA = '{"type":"object","properties":{"city":{"type":"string","minLength":1}},"required":["city"]}'
REQUEST = pb.ChatRequest(
    messages=[
        pb.Message(role=pb.ROLE_SYSTEM, parts=[pb.Part(text="Be short.")]),
        pb.Message(role=pb.ROLE_USER, name="ann", parts=[pb.Part(text="Is it raining in Rome?")]),
        pb.Message(
            role=pb.ROLE_ASSISTANT,
            parts=[pb.Part(tool_call=pb.ToolCall(id="c1", name="weather", arguments_json='{"city":"Rome"}'))],
        ),
        pb.Message(
            role=pb.ROLE_TOOL,
            parts=[pb.Part(tool_result=pb.ToolResult(tool_call_id="c1", text="rain"))],
        ),
    ],
    tools=[pb.Tool(name="weather", description="The weather.", parameters_json=SCHEMA, strict=True)],
    tool_choice=pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED),
    max_output_tokens=200_000,
    temperature=1.9,
    top_p=0.5,
    top_k=3,
    seed=7,
    presence_penalty=0.5,
    frequency_penalty=0.5,
    stop=["a", "b", "c", "d", "e", "f"],
    end_user="user-1",
    reasoning=pb.ReasoningOptions(effort=pb.REASONING_EFFORT_MEDIUM),
)


def written(name: str, golden: dict[str, Any]) -> dict[str, Any]:
    """The golden file of a row, as this service would have it."""
    row = ROWS[name]
    wire = row.wire(name)
    streamed = isinstance(golden["answer"], str)
    question = wire.encode(REQUEST, golden["model"], stream=streamed)
    sent = {
        "url": f"{row.base_url or 'https://own'}{question.path}",
        "headers": sorted(carried(row.auth, KEY)),
        "body": orjson.loads(question.body),
        "adjusted": [f"{change.field}: {_action(change)}" for change in question.adjustments],
    }
    error = golden["error"]
    failure = wire.failure(error["status"], {}, orjson.dumps(error["body"]))
    return {**golden, "sent": sent, "events": _events(row, golden["answer"]), "kind": failure.reason}


def _action(change: pb.Adjustment) -> str:
    return pb.AdjustmentAction.Name(change.action).removeprefix("ADJUSTMENT_ACTION_").lower()


def _events(row: Row, answer: object) -> list[dict[str, Any]]:
    wire = row.wire(row.name)
    if not isinstance(answer, str):
        return list(map(MessageToDict, wire.decode(orjson.dumps(answer))))
    decoder = wire.stream_decoder(REQUEST)
    return list(map(MessageToDict, [*decoder.feed(answer.encode()), *decoder.end()]))


@pytest.mark.parametrize("name", ROWS)
def test_a_row_sends_and_reads_what_its_golden_file_says(name: str) -> None:
    golden = json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))

    assert written(name, golden) == golden


def test_there_is_a_golden_file_for_each_row_and_no_other() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(ROWS)
