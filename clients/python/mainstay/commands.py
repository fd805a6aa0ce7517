"""What `mainstay chat` and `mainstay models` do, once the command line is understood."""

import argparse
import sys

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message

from mainstay import render
from mainstay import v1 as pb
from mainstay.client import ChatClient
from mainstay.errors import MainstayError
from mainstay.messages import RequestFields, system, user
from mainstay.terminal import Terminal

OK = 0
CALL_FAILED = 1


async def chat(arguments: argparse.Namespace) -> int:
    """Asks, shows the answer and how it came about."""
    terminal = Terminal(sys.stdout, sys.stderr)
    try:
        async with _client(arguments) as client:
            response = await _answer(client, arguments, terminal)
    except MainstayError as error:
        return _failed(error, terminal)
    if arguments.json:
        terminal.print(_json(response))
    else:
        terminal.note(render.summary(response))
    return OK


async def models(arguments: argparse.Namespace) -> int:
    """Lists the names that `--model` takes."""
    terminal = Terminal(sys.stdout, sys.stderr)
    try:
        async with _client(arguments) as client:
            found = await client.list_models()
    except MainstayError as error:
        return _failed(error, terminal)
    if arguments.json:
        terminal.print(_json(pb.ListModelsResponse(models=found)))
        return OK
    for line in render.models(found):
        terminal.print(line)
    return OK


def _client(arguments: argparse.Namespace) -> ChatClient:
    return ChatClient(arguments.target, caller="mainstay-cli", timeout=arguments.timeout)


async def _answer(client: ChatClient, arguments: argparse.Namespace, terminal: Terminal) -> pb.ChatResponse:
    messages = [system(arguments.system)] if arguments.system else []
    messages.append(user(arguments.question))
    fields = _fields(arguments)
    if not arguments.stream:
        response = await client.chat(messages, **fields)
        if not arguments.json:
            terminal.show_whole(response.message)
        return response
    if not terminal.can_begin_anew and not arguments.json:
        fields["policy"] = pb.CallPolicy(recovery=pb.RECOVERY_CONTINUE)
    async with client.stream(messages, **fields) as stream:
        async for event in stream:
            if not arguments.json:
                terminal.show(event)
        return stream.response


def _fields(arguments: argparse.Namespace) -> RequestFields:
    fields: RequestFields = {"model": arguments.model}
    if arguments.temperature is not None:
        fields["temperature"] = arguments.temperature
    if arguments.max_output_tokens is not None:
        fields["max_output_tokens"] = arguments.max_output_tokens
    if arguments.schema is not None:
        wanted = pb.JsonSchemaFormat(name="answer", schema_json=arguments.schema)
        fields["response_format"] = pb.ResponseFormat(json_schema=wanted)
    return fields


def _failed(error: MainstayError, terminal: Terminal) -> int:
    terminal.end_line()
    terminal.complain(render.failure(error))
    return CALL_FAILED


def _json(message: Message) -> str:
    return MessageToJson(message, preserving_proto_field_name=True, ensure_ascii=False)
