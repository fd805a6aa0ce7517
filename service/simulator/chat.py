"""Serves `POST /v1/chat/completions`: reads, lets the script strike, answers, writes the journal.

A bad request is refused before any fault, so that a script never hides a mistake of the client.
"""

import asyncio
from dataclasses import replace

from aiohttp import web

from service.simulator.answers import answer, thoughts
from service.simulator.grammar import parse_model
from service.simulator.journal import Ending, Entry, Journal
from service.simulator.openai import Shapes
from service.simulator.plan import Manner, Plan, make_plan
from service.simulator.play import Sleep, play_before, play_stream, play_whole
from service.simulator.quantities import ScriptError
from service.simulator.question import Question
from service.simulator.reading import read_question
from service.simulator.refusal import Refusal
from service.simulator.script import Script
from service.simulator.wire import Broken, Wire


class Chat:
    """The chat endpoint; `api_key` is demanded where it is not None."""

    def __init__(self, script: Script, journal: Journal, manner: Manner, api_key: str | None, sleep: Sleep) -> None:
        self._script = script
        self._journal = journal
        self._manner = manner
        self._api_key = api_key
        self._sleep = sleep

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whatever its script makes of it."""
        entry = self._journal.begin(request.headers)
        wire = Wire(request, entry, f"req_{entry.number:08}")
        ending = Ending.FAILED
        try:
            await self._serve(request, entry, wire)
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

    async def _serve(self, request: web.Request, entry: Entry, wire: Wire) -> None:
        try:
            self._admit(request)
            question = read_question(await request.read(), request.match_info.get("deployment"))
            entry.asked(question.model, question.stream)
            model = parse_model(question.model)
        except web.HTTPRequestEntityTooLarge:
            await wire.refuse(Refusal("The body is too large.", status=413))
        except ScriptError as flaw:
            await wire.refuse(Refusal(f"model: {flaw}.", "model", "unknown_fault"))
        except Refusal as refusal:
            await wire.refuse(refusal)
        else:
            faults = self._script.strike(model)
            entry.struck(faults)
            await self._play(question, make_plan(faults, self._manner), wire)

    def _admit(self, request: web.Request) -> None:
        if self._api_key is not None and request.headers.get("authorization") != f"Bearer {self._api_key}":
            raise Refusal("Incorrect API key provided.", None, "invalid_api_key", 401)

    async def _play(self, question: Question, plan: Plan, wire: Wire) -> None:
        for fault in plan.before:
            if await play_before(fault, question, wire, self._sleep):
                return
        said = answer(question, plan.manner.tokens)
        said = replace(said, thoughts=thoughts(question, plan.thoughts), finish=plan.finish or said.finish)
        shapes = Shapes(question, said)
        play = play_stream if question.stream else play_whole
        await play(shapes, plan, wire, self._sleep)
