"""The ways in: a stack of layers for each route, and for models that callers name themselves."""

from collections.abc import Mapping
from functools import lru_cache, partial

from service.chat.call import Call
from service.chat.capabilities import shared
from service.chat.reply import Handler, Reply
from service.chat.routes import Door, Entrance, Route, Routes
from service.composition.resolve import candidate, capabilities, conditions, plan, rule_book
from service.config import RouteSettings, Settings
from service.pipeline.assembly import Plan, World, assemble
from service.policies.per_target import MOST


def routes_of(settings: Settings, providers: Mapping[str, Handler], world: World) -> Routes:
    """By the names that callers use."""

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


def nobody_to_ask(settings: Settings) -> str:
    """Why no provider can be asked."""
    reasons = "; ".join(f"{name}: {settings.why_unusable(name)}" for name in settings.providers)
    return f"no provider can be asked ({reasons})" if reasons else "no provider is configured"
