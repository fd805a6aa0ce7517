"""The simulator's routes, and the only place that puts its parts together."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from service.simulator.chat import Chat
from service.simulator.control import Control
from service.simulator.journal import Journal
from service.simulator.openai import error, models
from service.simulator.options import Options
from service.simulator.play import Sleep
from service.simulator.script import Rule, Script

_MAX_BODY = 64 * 1024**2

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(
    options: Options, rules: Sequence[Rule], connections: Callable[[], int], sleep: Sleep = asyncio.sleep
) -> web.Application:
    """The application; it must run with `handler_cancellation`, or it won't see clients leave."""
    script = Script(rules, options.seed)
    journal = Journal(now=time.monotonic, wall=time.time)
    chat = Chat(script, journal, options.manner, options.api_key, sleep)
    app = web.Application(client_max_size=_MAX_BODY, middlewares=[_speak_openai])
    app.add_routes(Control(script, journal, connections).routes())
    app.router.add_post("/v1/chat/completions", chat.complete)
    app.router.add_post("/openai/deployments/{deployment}/chat/completions", chat.complete)  # as Azure has it
    app.router.add_get("/v1/models", _models)
    app.router.add_get("/healthz", _health)
    return app


@web.middleware
async def _speak_openai(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give aiohttp's own refusals, of an unknown path or method, the shape of an OpenAI error."""
    try:
        return await handler(request)
    except web.HTTPClientError as refusal:
        body = error(f"{request.method} {request.path}: {refusal.reason}.", "invalid_request_error")
        return web.json_response(body, status=refusal.status)


async def _models(request: web.Request) -> web.Response:
    return web.json_response(models())


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
