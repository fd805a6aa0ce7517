"""What a row of the catalog says of a provider that refers to it: the layer below what is written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from service.config.names import did_you_mean
from service.config.problems import Place, Problem
from service.config.tree import Node, find, merge

Catalog: TypeAlias = Mapping[str, Mapping[str, str]]
"""By the name of a row: keys of a provider, and what they are if nothing else is written."""

_PLACE = Place("the catalog")


def put_catalog_below(root: Node, catalog: Catalog, problems: list[Problem]) -> Node:
    """The tree with each provider over its row: the one that it names in `catalog`, or that of its own name."""
    providers = find(root, ("providers",))
    if providers is None or not isinstance(providers.value, dict) or not isinstance(root.value, dict):
        return root
    problems += _dangling(providers.value, catalog)
    over = {name: _over_row(name, provider, catalog) for name, provider in providers.value.items()}
    return replace(root, value={**root.value, "providers": replace(providers, value=over)})


def _over_row(name: str, provider: Node, catalog: Catalog) -> Node:
    said = catalog.get(_row_of(name, provider))
    if said is None or not isinstance(provider.value, dict):
        return provider
    row = Node({key: Node(text, _PLACE) for key, text in said.items()}, _PLACE)
    return replace(merge(row, provider), place=provider.place)


def _dangling(providers: Mapping[str, Node], catalog: Catalog) -> Iterator[Problem]:
    for name, provider in providers.items():
        written = find(provider, ("catalog",))
        if written and isinstance(written.value, str) and written.value and written.value not in catalog:
            message = f"the catalog has no row {written.value[:64]!r}{did_you_mean(written.value, catalog)}"
            if written.variables:
                message = f"the catalog has no such row (from {', '.join(written.variables)})"
            yield Problem(written.place, ("providers", name, "catalog"), message)


def _row_of(name: str, provider: Node) -> str:
    written = find(provider, ("catalog",))
    return written.value if written and isinstance(written.value, str) and written.value else name
