"""`null` removes: a provider or route that a lower layer brought, with what the built-in layer hung on it."""

from dataclasses import replace

from service.config.tree import Node


def without_empty_sections(layer: Node) -> Node:
    """A layer without the sections that it names but says nothing in; they must not hide those below."""
    return replace(layer, value=_without_nulls(layer))


def remove_nulls(root: Node, built_in: str) -> Node:
    """The tree without sections, providers and routes that are null.

    Built-in routes let go of targets at removed providers, and vanish with the last one; other routes keep
    theirs, and validation tells.
    """
    sections = _without_nulls(root)
    removed = _null_keys(sections.get("providers"))
    for name in ("providers", "routes"):
        if name in sections and isinstance(sections[name].value, dict):
            sections[name] = replace(sections[name], value=_without_nulls(sections[name]))
    if removed and "routes" in sections:
        sections["routes"] = _let_go(sections["routes"], removed, built_in)
    return replace(root, value=sections)


def _null_keys(node: Node | None) -> frozenset[str]:
    children = node.value if node and isinstance(node.value, dict) else {}
    return frozenset(key for key, child in children.items() if child.value is None)


def _let_go(routes: Node, removed: frozenset[str], built_in: str) -> Node:
    if not isinstance(routes.value, dict):
        return routes
    kept = {name: _route_without(route, removed, built_in) for name, route in routes.value.items()}
    return replace(routes, value={name: route for name, route in kept.items() if route is not None})


def _route_without(route: Node, removed: frozenset[str], built_in: str) -> Node | None:
    targets = route.value.get("targets") if isinstance(route.value, dict) else None
    if targets is None or not isinstance(targets.value, list) or targets.place.source != built_in:
        return route
    assert isinstance(route.value, dict)
    kept = [target for target in targets.value if str(target.value).partition("/")[0] not in removed]
    return replace(route, value={**route.value, "targets": replace(targets, value=kept)}) if kept else None


def _without_nulls(node: Node) -> dict[str, Node]:
    children = node.value if isinstance(node.value, dict) else {}
    return {key: child for key, child in children.items() if child.value is not None}
