"""Serves a question in any protocol: reads, lets the script strike, answers, writes the journal.

A bad request is refused before any fault, so that a script never hides a mistake of the client.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web

from service.simulator.answers import USUAL_THOUGHTS, Answer, answer, thoughts
from service.simulator.before import Sleep, play_before
from service.simulator.grammar import parse_model
from service.simulator.journal import Ending, Entry, Journal
from service.simulator.plan import Manner, Plan, make_plan
from service.simulator.play import play_stream, play_whole
from service.simulator.protocol import Asked, Protocol
from service.simulator.quantities import ScriptError
from service.simulator.question import Question
from service.simulator.refusal import Refusal
from service.simulator.script import Script
from service.simulator.told import Told
from service.simulator.wire import Broken, Wire

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Chat:
    """The chat endpoints; `api_key` is demanded where it is not None."""

    def __init__(self, script: Script, journal: Journal, manner: Manner, api_key: str | None, sleep: Sleep) -> None:
        self._script = script
        self._journal = journal
        self._manner = manner
        self._api_key = api_key
        self._sleep = sleep

    def speaking(self, protocol: Protocol) -> Handler:
        """The endpoint of a protocol."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._complete(request, protocol)

        return handle

    async def _complete(self, request: web.Request, protocol: Protocol) -> web.StreamResponse:
        """Answer one request, whatever its script makes of it."""
        entry = self._journal.begin(request.headers, protocol.name)
        told = Told(protocol, f"req_{entry.number:08}")
        wire = Wire(request, entry, {protocol.request_id: told.request_id})
        ending = Ending.FAILED
        try:
            await self._serve(request, entry, told, wire)
            await wire.end()
            ending = Ending.ANSWERED
        except Broken:
            ending = Ending.BROKEN
        except ConnectionError:
            ending = Ending.CLIENT_LEFT
        except asyncio.CancelledError:
            ending = Ending.CLIENT_LEFT
            raise
        finally:
            self._journal.end(entry, ending)
        return wire.response

    async def _serve(self, request: web.Request, entry: Entry, told: Told, wire: Wire) -> None:
        try:
            question = await self._question(request, told.protocol)
            entry.asked(question.model, question.stream)
            faults = self._script.strike(parse_model(question.model))
            entry.struck(faults)
            await self._play(question, make_plan(faults, self._manner), told, wire)
        except web.HTTPRequestEntityTooLarge:
            await told.refuse(Refusal("The body is too large.", status=413), wire)
        except ScriptError as flaw:
            await told.refuse(Refusal(f"model: {flaw}.", "model", "unknown_fault"), wire)
        except Refusal as refusal:
            await told.refuse(refusal, wire)

    async def _question(self, request: web.Request, protocol: Protocol) -> Question:
        body = await request.read()
        asked = Asked(body, request.path, request.match_info, request.query, request.headers)
        if self._api_key is not None:
            protocol.admit(asked, self._api_key)
        return protocol.read(asked)

    async def _play(self, question: Question, plan: Plan, told: Told, wire: Wire) -> None:
        for fault in plan.before:
            if await play_before(fault, question, told, wire, self._sleep):
                return
        speech = told.protocol.speech(question, _answer(question, plan))
        if question.stream:
            await play_stream(speech, plan, told, wire, self._sleep)
        else:
            await play_whole(speech, plan, told, wire, self._sleep)


def _answer(question: Question, plan: Plan) -> Answer:
    said = answer(question, plan.manner.tokens)
    usual = USUAL_THOUGHTS if question.thinks else 0
    length = usual if plan.thoughts is None else plan.thoughts
    return replace(said, thoughts=thoughts(question, length), finish=plan.finish or said.finish)
