"""The composition root: the only place that constructs things.

settings ──▶ providers (one HTTP pool each) ──▶ handlers (one stack each) ──▶ routes ──▶ server
"""

import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from service.admin.pages import Exposition, pages
from service.admin.server import Admin
from service.chat.routes import Routes
from service.composition.counting import Counting
from service.composition.credentials import rings_of
from service.composition.measured import measuring, targets_of
from service.composition.providers import Around, providers
from service.composition.readiness import readiness
from service.composition.resolve import vocabulary
from service.composition.routes import nobody_to_ask, routes_of
from service.composition.targets import shown
from service.composition.traced import traced
from service.composition.vocabulary import loaded
from service.composition.world import readings_of, world_of
from service.config import Settings
from service.forms.workshop import Workshop
from service.pipeline.assembly import World
from service.policies.tool_loop import in_order
from service.providers.auth import Told
from service.rpc.drain import Drain
from service.rpc.server import CannotListen, Server, ServerOptions
from service.rpc.servicer import ChatServicer
from service.rpc.terms import Terms
from service.stores.memory import MemoryStore
from service.telemetry.credentials import CredentialLog
from service.telemetry.telemetry import Telemetry, telemetry
from service.version import VERSION


@dataclass(frozen=True, slots=True)
class App:
    """A running service: where it listens, and why it is not serving (None: it is)."""

    port: int
    not_serving: str | None
    admin: str | None = None
    """Address of the admin endpoint; None: it is switched off."""
    drain: Drain = field(default_factory=Drain)
    """How its callers left, once it is over."""


@asynccontextmanager
async def running(
    settings: Settings,
    told: Telemetry | None = None,
    log_dropped: Callable[[], int] = lambda: 0,
    credentials: Told | None = None,
) -> AsyncIterator[App]:
    """The service, from its first listening to the end of its drain. Raises CannotListen.

    `told` stands in for the telemetry that the settings ask for; `log_dropped` says how many lines the log has lost;
    `credentials` is told what becomes of keys and tokens, instead of the log.
    """
    async with AsyncExitStack() as opened:
        if told is None:
            told = await opened.enter_async_context(telemetry(VERSION, measuring(settings), traced(settings)))
        around = Around(
            inject=told.inject, heard=told.heard, tracer=told.tracer, credentials=credentials or CredentialLog()
        )
        rings = rings_of(settings)
        handlers = await providers(settings, opened, around, rings)
        store = MemoryStore(
            max_bytes=settings.cache.max_bytes, max_entries=settings.cache.max_entries, now=time.monotonic
        )
        forms = await opened.enter_async_context(Workshop())
        world = world_of(settings, told, store, rings, forms)
        told.watch(readings_of(world, store, log_dropped, told.spans_dropped))
        routes = routes_of(settings, handlers, world)
        servicer = ChatServicer(_terms(settings, routes, world, told))
        server = Server(servicer, _server_options(settings))
        # It listens before calls come in and longer than they do, so that probes see the drain.
        admin = await _admin(settings, server, world, told.exposition, opened)
        port = await server.start(serving=bool(handlers))
        opened.push_async_callback(server.stop)
        yield App(port, None if handlers else nobody_to_ask(settings), admin, servicer.drain)


async def _admin(
    settings: Settings, server: Server, world: World, exposition: Exposition | None, opened: AsyncExitStack
) -> str | None:
    """Where the admin endpoint listens, as long as `opened`; None: it is switched off. Raises CannotListen."""
    address = settings.server.admin_address
    if address is None:
        return None
    routed = [target for target in targets_of(settings) if settings.why_unusable(target.provider) is None]
    admin = Admin(
        pages(
            lambda: readiness(settings, server.closed), exposition, lambda: shown(world.leases, world.circuits, routed)
        )
    )
    try:
        listening = await admin.start(address)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else error.strerror
        setting = "server.admin_address; set MAINSTAY__SERVER__ADMIN_ADDRESS to listen elsewhere"
        raise CannotListen(f"cannot listen on {address} ({setting}): {reason}") from error
    opened.push_async_callback(admin.stop)
    return listening


def _terms(settings: Settings, routes: Routes, world: World, told: Telemetry) -> Terms:
    return Terms(
        routes=routes,
        now=world.now,
        tracer=told.tracer,
        extract=told.extract,
        began=told.began,
        ended=told.ended,
        version=VERSION,
        default_deadline_unary=settings.server.default_deadline.unary,
        default_deadline_stream=settings.server.default_deadline.stream,
        max_deadline=settings.server.max_deadline,
        in_order=in_order,
        count=Counting(world.estimates, partial(vocabulary, settings=settings), loaded),
    )


def _server_options(settings: Settings) -> ServerOptions:
    return ServerOptions(
        address=settings.server.address,
        reflection=settings.server.reflection,
        max_concurrent_streams=settings.server.max_concurrent_streams,
        notice=settings.server.drain_notice,
        grace=settings.server.drain_grace,
    )
