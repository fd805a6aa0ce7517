"""The names that callers use, and what stands behind each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from service.chat.capabilities import Capabilities
from service.chat.conditions import Conditions
from service.chat.reply import Handler
from service.chat.target import Candidate, Target


@dataclass(frozen=True, slots=True)
class Door:
    """A way in that is open: the handler, and whom it may ask, at least one."""

    handler: Handler
    candidates: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Entrance:
    """A way in to any model of one provider: the handler, and what is known of each model."""

    handler: Handler
    candidate: Callable[[Target], Candidate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A name and its targets, in the order in which they are tried; `door` says what comes of a call."""

    name: str
    targets: Sequence[Target]
    door: Door | str
    """How to answer a call, or why none can be answered, with what to do about it."""
    conditions: Conditions = field(default_factory=Conditions)
    capabilities: Capabilities = field(default_factory=Capabilities)
    """What every target is known to do."""


class UnknownModel(LookupError):
    """No route and no provider has this name; the message says which name would do."""


class Routes:
    """Every route by its name, and each provider, for callers that name provider/model."""

    def __init__(self, named: Mapping[str, Route], providers: Mapping[str, Entrance | str]) -> None:
        """`providers` hold the way in to each provider, or why it cannot be asked."""
        self._named = dict(sorted(named.items()))
        self._providers = providers

    def find(self, model: str) -> Route:
        """What `model` names: a route, or provider/model cut at the first slash. Raises UnknownModel."""
        if route := self._named.get(model):
            return route
        provider, slash, name = model.partition("/")
        if not slash:
            raise UnknownModel(f"no route is called {model!r}{_meant(model, self._named)}")
        if provider not in self._providers:
            raise UnknownModel(f"no provider is called {provider!r}{_meant(provider, self._providers)}")
        if not name:
            raise UnknownModel(f"{model!r} names no model")
        return _straight(Target(provider, name), self._providers[provider])

    def __iter__(self) -> Iterator[Route]:
        return iter(self._named.values())


def _straight(target: Target, entrance: Entrance | str) -> Route:
    if isinstance(entrance, str):
        return Route(name="", targets=[target], door=entrance)
    return Route(name="", targets=[target], door=Door(entrance.handler, [entrance.candidate(target)]))


def _meant(name: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
