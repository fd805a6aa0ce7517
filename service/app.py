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
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from urllib.parse import urlencode

from opentelemetry.trace import Tracer

from mainstay import v1 as pb
from service.admin.pages import Exposition, pages
from service.admin.server import Admin
from service.chat.call import Call
from service.chat.capabilities import shared
from service.chat.forms import Forms
from service.chat.reply import Handler, Reply
from service.chat.routes import Door, Entrance, Route, Routes
from service.chat.target import Target
from service.config import ProviderSettings, RouteSettings, Settings, credentials_of
from service.counting import Counting
from service.credentials import Identities, rings_of
from service.forms.workshop import Workshop
from service.leased import leases_of
from service.measured import measuring, targets_of
from service.pipeline.assembly import Plan, World, assemble
from service.pipeline.facts import all_of
from service.pipeline.latencies import Latencies
from service.pipeline.learning import Learning
from service.policies.budget import Budget
from service.policies.circuit import Circuit, State
from service.policies.estimates import Estimates
from service.policies.keys import KeyRing
from service.policies.per_target import MOST, PerTarget
from service.policies.tool_loop import in_order
from service.pricing import tariff_of
from service.providers.auth import Nowhere, Told
from service.providers.http import Connecting, Http, trust
from service.providers.provider import NO_SPANS, Address, Provider
from service.providers.streamed import Heard
from service.readiness import readiness
from service.resolve import (
    candidate,
    capabilities,
    circuit_options,
    conditions,
    headers_of,
    plan,
    row_of,
    rule_book,
    same_as,
    vocabulary,
    written_capabilities,
)
from service.retirement import last_day_of, notice
from service.rpc.drain import Drain
from service.rpc.server import CannotListen, Server, ServerOptions
from service.rpc.servicer import ChatServicer
from service.rpc.terms import Terms
from service.simulated import SIMULATOR
from service.stores.memory import MemoryStore
from service.targets import reading, shown
from service.telemetry.credentials import CredentialLog
from service.telemetry.metrics.readings import Readings
from service.telemetry.telemetry import Telemetry, telemetry
from service.traced import traced
from service.version import VERSION
from service.vocabulary import loaded


@dataclass(frozen=True, slots=True)
class App:
    """A running service: where it listens, and why it is not serving (None: it is)."""

    port: int
    not_serving: str | None
    admin: str | None = None
    """Address of the admin endpoint; None: it is switched off."""
    drain: Drain = field(default_factory=Drain)
    """How its callers left, once it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What providers are given of the world around them."""

    inject: Callable[[Call], Mapping[str, str]] = lambda call: {}
    """Gives the headers by which a provider can join the call's trace."""
    heard: Heard | None = None
    """Is told of each read of a stream."""
    tracer: Tracer = NO_SPANS
    credentials: Told = field(default_factory=Nowhere)
    """Is told what becomes of keys and tokens."""


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
        world = _world(settings, told, store, rings, forms)
        told.watch(_readings(world, store, log_dropped, told.spans_dropped))
        routes = _routes(settings, handlers, world)
        servicer = ChatServicer(_terms(settings, routes, world, told))
        server = Server(servicer, _server_options(settings))
        # It listens before calls come in and longer than they do, so that probes see the drain.
        admin = await _admin(settings, server, world, told.exposition, opened)
        port = await server.start(serving=bool(handlers))
        opened.push_async_callback(server.stop)
        yield App(port, None if handlers else _nobody_to_ask(settings), admin, servicer.drain)


async def providers(
    settings: Settings, opened: AsyncExitStack, around: Around, rings: Mapping[str, KeyRing] | None = None
) -> Mapping[str, Handler]:
    """Those that can be asked, each with connections of its own, open as long as `opened`.

    `rings` are those that keys are chosen from; None: nobody else does.
    """
    tls, identities = trust(), Identities(around.credentials, rings or rings_of(settings))
    return {
        name: await _provider(name, provider, await _http(provider, tls, opened), identities, around)
        for name, provider in settings.providers.items()
        if settings.why_unusable(name) is None
    }


def _world(
    settings: Settings, told: Telemetry, store: MemoryStore, rings: Mapping[str, KeyRing], forms: Forms
) -> World:
    now = time.monotonic
    routed = frozenset(targets_of(settings))
    estimates = Estimates(MOST + len(routed))
    return World(
        now=now,
        wall=time.time,
        sleep=asyncio.sleep,
        random=random.random,
        observe=all_of(told.observe, Learning(estimates, _soon).observe),
        tracer=told.tracer,
        named=routed,
        content=told.content,
        budgets=PerTarget(
            lambda target: Budget(now), MOST + len(routed)
        ),  # metrics look at those of routes all the time
        leases=leases_of(settings, rings, now, MOST + len(routed)),
        latencies=Latencies(now),
        circuits=_circuits(settings, now, MOST + len(routed)),
        store=store,
        forms=forms,
        tariff_of=lru_cache(maxsize=MOST + len(routed))(partial(tariff_of, settings=settings)),
        estimates=estimates,
    )


def _soon(work: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(work)


def _circuits(settings: Settings, now: Callable[[], float], most: int) -> PerTarget[Circuit]:
    def circuit(target: Target) -> Circuit:
        return Circuit(circuit_options(settings.providers[target.provider].circuit), now, random.random)

    return PerTarget(circuit, most)


def _readings(
    world: World, store: MemoryStore, log_dropped: Callable[[], int], spans_dropped: Callable[[], int]
) -> Readings:
    return Readings(
        budget_fill=lambda target: world.budgets[target].fill,
        circuit_open=lambda target: world.circuits[target].state is not State.CLOSED,
        lease=reading(world.leases),
        cache_entries=lambda: len(store),
        cache_bytes=lambda: store.taken,
        log_dropped=log_dropped,
        spans_dropped=spans_dropped,
    )


async def _http(settings: ProviderSettings, tls: ssl.SSLContext, opened: AsyncExitStack) -> Http:
    if settings.ca_file is not None:
        tls = trust(settings.ca_file)
    return await opened.enter_async_context(Http(Connecting(tls, settings.proxy)))


async def _provider(
    name: str, settings: ProviderSettings, http: Http, identities: Identities, around: Around
) -> Handler:
    address = Address(
        base_url=settings.base_url,
        headers=headers_of(name, settings),
        secrets=tuple(credentials_of(settings)),
        query=urlencode(settings.query),
        source=pb.SOURCE_SIMULATOR if name == SIMULATOR else pb.SOURCE_MODEL,
        remark=_remark(last_day_of(name, settings)),
    )
    wire = row_of(name, settings).wire(name, same_as(settings), written_capabilities(settings))
    return Provider(
        address, wire, http, around.inject, around.tracer, around.heard, identities.of(name, settings, http)
    )


def _remark(last_day_of: Callable[[str], date | None]) -> Callable[[str], str]:
    def remark(model: str) -> str:
        last_day = last_day_of(model)
        return notice(model, last_day, datetime.now(UTC).date()) if last_day is not None else ""

    return remark


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
    return Entrance(handler, lru_cache(MOST)(partial(candidate, settings=settings)))  # callers choose names


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
