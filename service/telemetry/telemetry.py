"""What the service tells the outside about its calls, in one piece.

calls ──▶ began, observe, ended ──┬──▶ log lines
                                  ├──▶ metrics
      ──▶ tracer ─────────────────┴──▶ spans
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.trace import Tracer

from service.chat.call import Call
from service.chat.record import Record
from service.pipeline.facts import Observe
from service.telemetry import access, observer, tracing


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """Whom to tell. Nothing here raises or waits."""

    tracer: Tracer
    extract: Callable[[dict[str, str]], Context]
    """The trace that a caller is part of, from its metadata; empty if it names none."""
    inject: Callable[[Call], Mapping[str, str]]
    """The headers by which a provider can join the call's trace."""
    observe: Observe
    began: Callable[[str], None]
    """Is told the method of each call that comes in."""
    ended: Callable[[Record], None]
    """Is told of each call once, when its outcome is known."""


@asynccontextmanager
async def telemetry(version: str) -> AsyncIterator[Telemetry]:
    """Open as long as calls are."""
    yield Telemetry(
        tracer=tracing.tracer(version),
        extract=tracing.extract,
        inject=tracing.inject,
        observe=observer.observe,
        began=lambda method: None,
        ended=access.tell,
    )
