"""The life of `mainstayd serve`, from the settings to the end of the process."""

import asyncio
import gc
import signal
import time
from collections.abc import Iterable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime

import structlog

from service.app import App, running
from service.composition.measured import targets_of
from service.composition.retirement import leaving
from service.composition.simulated import Simulated, simulated
from service.config import Settings
from service.telemetry import heart, logs
from service.telemetry.credentials import CredentialLog

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(settings: Settings, credentials: Iterable[str], *, simulate: bool) -> bool:
    """Serves until a signal comes; returns whether it ended well. `credentials` are kept out of the log.

    Raises CannotListen and CannotSimulate.
    """
    with (
        logs.configured(settings.server.log_level, credentials) as lines,
        asyncio.Runner(loop_factory=_loop) as runner,
    ):
        return runner.run(_until_told(settings, lines, simulate=simulate))


async def _until_told(settings: Settings, lines: logs.Log, *, simulate: bool) -> bool:
    told = asyncio.Event()
    _on_signals(told)
    log = structlog.get_logger()
    async with AsyncExitStack() as opened:
        opened.enter_context(heart.beating(lines.tick))
        double = await opened.enter_async_context(simulated(settings)) if simulate else None
        if double is not None:
            settings = double.settings
            log.warning("SIMULATING: every answer comes from a simulator, no model is asked")
        lines.know(map(str, targets_of(settings)))
        serving = running(settings, log_dropped=lines.dropped, credentials=CredentialLog(lines.learn))
        app = await opened.enter_async_context(serving)
        gc.collect()
        gc.freeze()  # what is here now stays: no collection need walk through it again, in the middle of a call
        if app.not_serving is None:
            log.info("serving", **_about(app, settings), routes=sorted(settings.routes))
        else:
            log.error("NOT SERVING", **_about(app, settings), why=app.not_serving)
        for one in leaving(settings, datetime.now(UTC).date()):
            log.warning("target retires", target=str(one.target), last_day=str(one.last_day), days=one.days)
        well = await _lived_well(told, double)
        if well:
            log.info("stopping", grace_seconds=settings.server.drain_grace)
        else:
            log.error("the simulator has died: stopping")
        began = time.monotonic()
    seconds = round(time.monotonic() - began, 3)
    log.info("stopped", seconds=seconds, refused=app.drain.refused, cut=app.drain.cut)
    return well


def _about(app: App, settings: Settings) -> dict[str, object]:
    """Where it listens, and what it sends to collectors."""
    sends = {"traces": settings.telemetry.traces.exporter, "metrics": settings.telemetry.metrics.exporter}
    return {"address": settings.server.address, "port": app.port, "admin": app.admin, **sends}


async def _lived_well(told: asyncio.Event, double: Simulated | None) -> bool:
    """Whether it was told to stop; else its simulator has died."""
    while not await _within_a_second(told):
        if double is not None and not double.alive:
            return False
    return True


async def _within_a_second(told: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            return await told.wait()
    return False


def _on_signals(told: asyncio.Event) -> None:
    """The first signal is a request, to which drain is the answer; the second ends the process on the spot."""
    loop = asyncio.get_running_loop()

    def tell() -> None:
        told.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)

    for number in SIGNALS:
        loop.add_signal_handler(number, tell)


def _loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:  # not made for this platform
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
