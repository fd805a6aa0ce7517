"""`python -m tests.bench.untraced serve …`: mainstayd with a tracer that makes nothing and knows no trace.

What tracing costs while it is off cannot be had by any setting: this is what is left if it is not there.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from opentelemetry.context import Context
from opentelemetry.trace import NoOpTracer

from service import app, cli
from service.telemetry.telemetry import Telemetry

_telemetry = app.telemetry  # type: ignore[attr-defined]  # stands in for it


@asynccontextmanager
async def _without_traces(*args: object, **options: object) -> AsyncIterator[Telemetry]:
    async with _telemetry(*args, **options) as told:  # type: ignore[arg-type]  # whatever it is called with
        yield replace(told, tracer=NoOpTracer(), extract=lambda _: Context(), inject=lambda _: {})


if __name__ == "__main__":
    app.telemetry = _without_traces  # type: ignore[attr-defined]  # as above
    sys.exit(cli.main())
