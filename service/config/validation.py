"""From what was written to what it means, with every problem at its place."""

from collections.abc import Iterator
from typing import TypeGuard, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from service.config.names import did_you_mean
from service.config.problems import KeyPath, Problem
from service.config.settings import Settings
from service.config.tree import Node, find, place_of, plain
from service.config.wording import got, message


def validate(root: Node, problems: list[Problem]) -> Settings | None:
    """The settings that a tree means, or None after adding to `problems`."""
    problems += _dangling_targets(root)
    try:
        settings = Settings.model_validate(plain(root), context=_variables(root))
    except ValidationError as error:
        # Taken from the error instead of chained to it: it holds the input, secrets and all.
        told = {problem.path for problem in problems}
        found = [_problem(details, root) for details in error.errors(include_url=False)]
        problems += [problem for problem in found if problem.path not in told]
        return None
    return settings


def _problem(error: ErrorDetails, root: Node) -> Problem:
    path: KeyPath = tuple(part for part in error["loc"] if part != "[key]")
    path = (*path, *error.get("ctx", {}).get("at", ()))
    if error["type"] == "extra_forbidden":
        known = _model_at(path[:-1]).model_fields
        return Problem(place_of(root, path), path, f"unknown key{did_you_mean(str(path[-1]), known)}")
    return Problem(place_of(root, path), path, message(error, find(root, path)))


def _model_at(path: KeyPath) -> type[BaseModel]:
    model: type[BaseModel] = Settings
    for part in path:
        field = model.model_fields.get(str(part))
        inside = [field.annotation, *get_args(field.annotation)] if field else []
        model = next(filter(_is_model, inside), model)
    return model


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _dangling_targets(root: Node) -> Iterator[Problem]:
    """Targets at providers that do not exist: found in the tree, to be told beside all other problems."""
    written = find(root, ("providers",))
    if written is None or not isinstance(written.value, dict):
        return  # nobody can say which there are, and that it is no mapping is told
    providers = _children(written)
    for name, route in _children(find(root, ("routes",))).items():
        targets = _children(route).get("targets")
        for index, target in enumerate(targets.value if targets and isinstance(targets.value, list) else []):
            provider, slash, _ = str(target.value or "").partition("/")
            if slash and provider and provider not in providers:
                path = ("routes", name, "targets", index)
                yield Problem(target.place, path, _no_provider(target, provider, providers))


def _no_provider(target: Node, provider: str, providers: dict[str, Node]) -> str:
    if target.variables:
        return f"no such provider{got(target)}"
    return f"no provider {provider!r}{did_you_mean(provider, providers)}"


def _variables(root: Node) -> dict[str, str]:
    """The variable that each text of providers' rows is written with, by its path from `providers` on."""
    providers = _children(find(root, ("providers",)))
    texts = (found for name, provider in providers.items() for found in _texts(provider, name))
    return {path: text.variables[0] for path, text in texts if text.variables}


def _texts(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    match node.value:
        case dict() as mapping:
            for name, child in mapping.items():
                yield from _texts(child, f"{path}.{name}")
        case list() as items:
            for index, child in enumerate(items):
                yield from _texts(child, f"{path}.{index}")
        case _:
            yield path, node


def _children(node: Node | None) -> dict[str, Node]:
    return node.value if node and isinstance(node.value, dict) else {}
