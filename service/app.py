"""The composition root: the only place that constructs things.

settings ──▶ providers (one HTTP pool each) ──▶ handlers (one stack each) ──▶ routes ──▶ server
"""

import asyncio
import os
import random
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from opentelemetry.trace import Tracer

from mainstay import v1 as pb
from service.admin.pages import Exposition, pages
from service.admin.server import Admin
from service.chat.call import Call
from service.chat.capabilities import shared
from service.chat.reply import Handler, Reply
from service.chat.routes import Door, Entrance, Route, Routes
from service.config import ProviderSettings, RouteSettings, Settings
from service.measured import measuring
from service.pipeline.assembly import Plan, World, assemble
from service.policies.budget import Budget
from service.policies.per_target import MOST, PerTarget
from service.providers.catalog import credential
from service.providers.http import Connecting, Http, trust
from service.providers.provider import NO_SPANS, Address, Provider
from service.providers.streamed import Heard
from service.readiness import readiness
from service.resolve import candidate, capabilities, conditions, plan, provider_clocks, row_of, rule_book, same_as
from service.rpc.server import CannotListen, Server, ServerOptions
from service.rpc.servicer import ChatServicer
from service.rpc.visit import Terms
from service.simulated import SIMULATOR
from service.stores.memory import MemoryStore
from service.telemetry.metrics.readings import Readings
from service.telemetry.telemetry import Telemetry, telemetry
from service.traced import traced
from service.version import VERSION


@dataclass(frozen=True, slots=True)
class App:
    """A running service: where it listens, and why it is not serving (None: it is)."""

    port: int
    not_serving: str | None
    admin: str | None = None
    """Address of the admin endpoint; None: it is switched off."""


@asynccontextmanager
async def running(settings: Settings, told: Telemetry | None = None) -> AsyncIterator[App]:
    """The service, from its first listening to the end of its drain. Raises CannotListen.

    `told` stands in for the telemetry that the settings ask for.
    """
    async with AsyncExitStack() as opened:
        if told is None:
            told = await opened.enter_async_context(telemetry(VERSION, measuring(settings), traced(settings)))
        handlers = await providers(settings, opened, told.inject, told.heard, told.tracer)
        store = MemoryStore(
            max_bytes=settings.cache.max_bytes, max_entries=settings.cache.max_entries, now=time.monotonic
        )
        world = _world(settings, told, store)
        told.watch(_readings(world, store))
        routes = _routes(settings, handlers, world)
        server = Server(ChatServicer(_terms(settings, routes, world, told)), _server_options(settings))
        # It listens before calls come in and longer than they do, so that probes see the drain.
        admin = await _admin(settings, server, told.exposition, opened)
        port = await server.start(serving=bool(handlers))
        opened.push_async_callback(server.stop)
        yield App(port, None if handlers else _nobody_to_ask(settings), admin)


async def providers(
    settings: Settings,
    opened: AsyncExitStack,
    inject: Callable[[Call], Mapping[str, str]],
    heard: Heard | None = None,
    tracer: Tracer = NO_SPANS,
) -> Mapping[str, Handler]:
    """Those that can be asked, each with connections of its own, open as long as `opened`.

    `inject` gives the headers by which a provider can join the call's trace; `heard` is told of each read of a stream.
    """
    tls = trust()
    return {
        name: await _provider(name, provider, tls, opened, inject, heard, tracer)
        for name, provider in settings.providers.items()
        if settings.why_unusable(name) is None
    }


def _world(settings: Settings, told: Telemetry, store: MemoryStore) -> World:
    now = time.monotonic
    routed = {target for route in settings.routes.values() for target in route.targets}
    return World(
        now=now,
        wall=time.time,
        sleep=asyncio.sleep,
        random=random.random,
        observe=told.observe,
        tracer=told.tracer,
        content=told.content,
        budgets=PerTarget(lambda: Budget(now), MOST + len(routed)),  # metrics look at those of routes all the time
        store=store,
    )


def _readings(world: World, store: MemoryStore) -> Readings:
    return Readings(
        budget_fill=lambda target: world.budgets[target].fill,
        cache_entries=lambda: len(store),
        cache_bytes=lambda: store.taken,
    )


async def _provider(
    name: str,
    settings: ProviderSettings,
    tls: ssl.SSLContext,
    opened: AsyncExitStack,
    inject: Callable[[Call], Mapping[str, str]],
    heard: Heard | None,
    tracer: Tracer,
) -> Handler:
    if settings.ca_file is not None:
        tls = trust(settings.ca_file)
    http = await opened.enter_async_context(Http(Connecting(tls, settings.proxy)))
    key = settings.api_key.reveal() if settings.api_key and settings.auth != "none" else ""
    address = Address(
        base_url=settings.base_url,
        headers={**settings.headers, **credential(settings.auth, key)},
        secret=key,
        source=pb.SOURCE_SIMULATOR if name == SIMULATOR else pb.SOURCE_MODEL,
    )
    wire = row_of(name, settings).wire(name, same_as(settings))
    return Provider(address, wire, http, inject, tracer, heard)


def _routes(settings: Settings, providers: Mapping[str, Handler], world: World) -> Routes:
    async def leaf(call: Call) -> Reply:
        return await providers[call.target.provider](call)

    rules = rule_book(settings.degradation)
    direct = assemble(world, Plan(), leaf)
    named = {
        name: _route(name, settings, assemble(world, plan(route, rules), leaf))
        for name, route in settings.routes.items()
    }
    return Routes(named, {name: _entrance(name, settings, direct) for name in settings.providers})


def _entrance(name: str, settings: Settings, handler: Handler) -> Entrance | str:
    obstacle = settings.why_unusable(name)
    if obstacle is not None:
        return f"provider {name!r} cannot be asked: {obstacle}"
    return Entrance(handler, provider_clocks(settings.providers[name]))


def _route(name: str, settings: Settings, handler: Handler) -> Route:
    route = settings.routes[name]
    usable = [candidate(target, settings) for target in settings.usable_targets(name)]
    return Route(
        name=name,
        targets=route.targets,
        door=Door(handler, usable) if usable else _closed(name, route, settings),
        conditions=conditions(route),
        capabilities=shared(capabilities(target, settings) for target in route.targets),
    )


def _closed(name: str, route: RouteSettings, settings: Settings) -> str:
    first = route.targets[0].provider
    return f"no target of route {name!r} can be asked; {first}: {settings.why_unusable(first)}"


def _nobody_to_ask(settings: Settings) -> str:
    reasons = "; ".join(f"{name}: {settings.why_unusable(name)}" for name in settings.providers)
    return f"no provider can be asked ({reasons})" if reasons else "no provider is configured"


async def _admin(
    settings: Settings, server: Server, exposition: Exposition | None, opened: AsyncExitStack
) -> str | None:
    """Where the admin endpoint listens, as long as `opened`; None: it is switched off. Raises CannotListen."""
    address = settings.server.admin_address
    if address is None:
        return None
    admin = Admin(pages(lambda: readiness(settings, server.closed), exposition))
    try:
        listening = await admin.start(address)
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else error.strerror
        raise CannotListen(f"cannot listen on {address} (server.admin_address): {reason}") from error
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
    )


def _server_options(settings: Settings) -> ServerOptions:
    return ServerOptions(
        address=settings.server.address,
        reflection=settings.server.reflection,
        max_concurrent_streams=settings.server.max_concurrent_streams,
        notice=settings.server.drain_notice,
        grace=settings.server.drain_grace,
    )
