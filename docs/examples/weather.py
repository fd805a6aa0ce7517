"""Asks for the weather with a tool, runs the tool, sends what it returned back, and prints the answer.

python weather.py MODEL: a route, such as default, or a target, such as anthropic/claude-haiku-5-5
"""

import asyncio
import json
import os
import sys

from mainstay import ChatClient, text_of, tool_result, user
from mainstay import v1 as pb

TARGET = os.environ.get("MAINSTAY_TARGET", "127.0.0.1:50051")
MOST_STEPS = 8  # a model may ask for ever
WEATHER = pb.Tool(
    name="weather",
    description="The weather in a city, now.",
    parameters_json=json.dumps(
        {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        }
    ),
)
A_LITTLE = pb.ReasoningOptions(effort=pb.REASONING_EFFORT_LOW)


def weather(city: str) -> str:
    """What a weather service would say."""
    return f"18 °C and rain in {city}"


def run(call: pb.ToolCall) -> pb.Message:
    """The result of a call. What went wrong is a result, too: the model reads it and tries something else."""
    try:
        if call.name != WEATHER.name:
            raise ValueError(f"there is no tool {call.name}")
        return tool_result(call.id, weather(**json.loads(call.arguments_json)))
    except (TypeError, ValueError) as error:
        return tool_result(call.id, str(error), is_error=True)


async def main(model: str) -> None:
    """The loop: until the model calls no tool any more."""
    conversation = [user("What is the weather in Rome?")]
    async with ChatClient(TARGET, caller="weather") as client:
        for _ in range(MOST_STEPS):
            answer = await client.chat(conversation, model=model, tools=[WEATHER], reasoning=A_LITTLE)
            conversation.append(answer.message)  # every part as it came: thoughts and signatures, too
            calls = [part.tool_call for part in answer.message.parts if part.HasField("tool_call")]
            if not calls:
                print(text_of(answer))
                print("from", answer.provenance.provider, answer.provenance.model)
                return
            for call in calls:  # each gets its result
                print("calls", call.name, call.arguments_json)
                conversation.append(run(call))
    sys.exit(f"{model} asked for tools {MOST_STEPS} times and never answered")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
