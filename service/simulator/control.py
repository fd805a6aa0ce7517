"""The control endpoint: tests set faults at runtime here and read what clients did.

GET, PUT, DELETE /control/faults      the rules in force, as in a scenario file but JSON
GET, DELETE      /control/requests    the journal; DELETE also begins every sequence anew
"""

from collections.abc import Callable, Mapping, Sequence

import orjson
from aiohttp import web

from service.simulator.journal import Journal
from service.simulator.openai.errors import error
from service.simulator.quantities import ScriptError
from service.simulator.scenario import read_rules
from service.simulator.script import Script


class Control:
    """Serves the control routes; `connections` counts the TCP connections that are open."""

    def __init__(self, script: Script, journal: Journal, connections: Callable[[], int]) -> None:
        self._script = script
        self._journal = journal
        self._connections = connections

    def routes(self) -> list[web.RouteDef]:
        """What to mount."""
        return [
            web.get("/control/faults", self._faults),
            web.put("/control/faults", self._set_faults),
            web.delete("/control/faults", self._clear_faults),
            web.get("/control/requests", self._requests),
            web.delete("/control/requests", self._forget_requests),
        ]

    async def _faults(self, request: web.Request) -> web.Response:
        return _json([rule.source for rule in self._script.rules])

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            given: object = orjson.loads(await request.read())
            self._script.replace(read_rules(given))
        except (orjson.JSONDecodeError, ScriptError) as flaw:
            return _json(error(str(flaw), "invalid_request_error", code="invalid_faults"), 400)
        return await self._faults(request)

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._script.replace(())
        return await self._faults(request)

    async def _requests(self, request: web.Request) -> web.Response:
        others = self._connections() - 1  # without the one that asks
        return _json({**self._journal.report(), "open_connections": others})

    async def _forget_requests(self, request: web.Request) -> web.Response:
        self._journal.forget()
        self._script.restart()
        return await self._requests(request)


def _json(data: Mapping[str, object] | Sequence[object], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, content_type="application/json")
