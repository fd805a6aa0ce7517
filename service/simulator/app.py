"""The simulator's routes, and the only place that puts its parts together."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from service.simulator.anthropic.protocol import Anthropic
from service.simulator.before import Sleep
from service.simulator.chat import Chat
from service.simulator.control import Control
from service.simulator.gemini.protocol import Gemini
from service.simulator.journal import Journal
from service.simulator.openai.protocol import OpenAI
from service.simulator.options import Options
from service.simulator.paths import PATHS
from service.simulator.protocol import Protocol
from service.simulator.refusal import Refusal
from service.simulator.script import Rule, Script

_MAX_BODY = 64 * 1024**2

OPENAI, ANTHROPIC, GEMINI = OpenAI(), Anthropic(), Gemini()
PROTOCOLS: Mapping[str, Protocol] = {protocol.name: protocol for protocol in (OPENAI, ANTHROPIC, GEMINI)}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def make_app(
    options: Options, rules: Sequence[Rule], connections: Callable[[], int], sleep: Sleep = asyncio.sleep
) -> web.Application:
    """The application; it must run with `handler_cancellation`, or it won't see clients leave."""
    script = Script(rules, options.seed)
    journal = Journal(now=time.monotonic, wall=time.time)
    chat = Chat(script, journal, options.manner, options.api_key, sleep)
    app = web.Application(client_max_size=_MAX_BODY, middlewares=[_refuse_in_its_words])
    app.add_routes(Control(script, journal, connections).routes())
    for path in PATHS:
        app.router.add_post(path.route, chat.speaking(PROTOCOLS[path.protocol]))
    app.router.add_get("/v1/models", _models)
    app.router.add_get("/v1beta/models", _models)
    app.router.add_get("/healthz", _health)
    return app


@web.middleware
async def _refuse_in_its_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give aiohttp's own refusals, of an unknown path or method, the shape that the client expects."""
    try:
        return await handler(request)
    except web.HTTPClientError as refusal:
        said = Refusal(f"{request.method} {request.path}: {refusal.reason}.", status=refusal.status)
        return web.json_response(_spoken_to(request).refused(said, "req_none"), status=refusal.status)


def _spoken_to(request: web.Request) -> Protocol:
    """Whose words are expected, as far as path and headers tell."""
    path, headers = request.path, request.headers
    if "anthropic-version" in headers or path.endswith("/messages") or "/publishers/anthropic/" in path:
        return ANTHROPIC
    if "x-goog-api-key" in headers or path.startswith("/v1beta") or "/publishers/google/" in path:
        return GEMINI
    return OPENAI


async def _models(request: web.Request) -> web.Response:
    return web.json_response(_spoken_to(request).models())


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
