"""What each path of the admin endpoint says."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import orjson

from service.admin.readiness import Component, Readiness

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
_LINE = orjson.OPT_APPEND_NEWLINE

Exposition = Callable[[str], tuple[str, bytes]]
"""All metrics in the format that suits an Accept header best: its content type, and the text. Any thread may ask."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to GET."""

    body: bytes
    status: int = 200
    content_type: str = TEXT


Pages = Mapping[str, Callable[[str], Awaitable[Page]]]
"""By path: makes the page, given the Accept header."""


def _no_targets() -> Sequence[object]:
    return ()


def pages(
    readiness: Callable[[], Readiness],
    exposition: Exposition | None,
    targets: Callable[[], Sequence[object]] = _no_targets,
) -> Pages:
    """All of them; without `exposition` there is no /metrics. `targets` gives what JSON can say of each."""
    found: dict[str, Callable[[str], Awaitable[Page]]] = {
        "/livez": _here(lambda: Page(b"ok\n")),
        "/readyz": _here(lambda: _readyz(readiness())),
        "/targets": _here(lambda: Page(orjson.dumps({"targets": targets()}, option=_LINE), content_type=JSON)),
    }
    if exposition is not None:
        found["/metrics"] = partial(_metrics, exposition)
    index = Page("".join(f"{path}  {MEANING[path]}\n" for path in found).encode())
    return {"/": _here(lambda: index), **found}


MEANING = {
    "/livez": "200 as long as the event loop turns; no answer: restart it",
    "/readyz": "200 if calls should be sent here, else 503; says why",
    "/targets": "each model that is asked: who waits, what is under way, how much of its limits is free, its circuit",
    "/metrics": "for Prometheus",
}


def _here(page: Callable[[], Page]) -> Callable[[str], Awaitable[Page]]:
    """Made on the loop, of whose state it tells."""

    async def made(accept: str) -> Page:
        return page()

    return made


def _readyz(readiness: Readiness) -> Page:
    said = {"ready": readiness.ready, "components": [_said(component) for component in readiness.components]}
    return Page(orjson.dumps(said, option=_LINE), 200 if readiness.ready else 503, JSON)


def _said(component: Component) -> dict[str, str]:
    return {"name": component.name, "status": component.status.value, "reason": component.reason}


async def _metrics(exposition: Exposition, accept: str) -> Page:
    """Made in a thread: thousands of series take tens of milliseconds, for which every call would have to wait."""
    content_type, body = await asyncio.to_thread(exposition, accept)
    return Page(body, content_type=content_type)
