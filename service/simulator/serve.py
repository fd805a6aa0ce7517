"""The simulator's life: listen, say where, serve until told to stop.

run ── serve ── running ──▶ "listening on …" ──▶ SIGTERM, SIGINT or end of stdin ──▶ closed
 └─ 2: port in use, scenario that cannot be read
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from service.simulator.app import make_app
from service.simulator.options import Options
from service.simulator.quantities import ScriptError
from service.simulator.scenario import load_scenario

_SHUTDOWN_SECONDS = 0.1  # open answers are simulated: nobody misses their end
_STDIN = 0


class CannotListen(Exception):
    """The address cannot be listened on; the message says why and what to do."""


def run(options: Options) -> int:
    """Serve until stopped; returns the exit code."""
    try:
        asyncio.run(serve(options))
    except (ScriptError, CannotListen) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


async def serve(options: Options) -> None:
    """Serve until SIGTERM, SIGINT or, where asked, the end of stdin; raises what `running` raises."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if options.until_stdin_closes:
        _watch_stdin(loop, stop)
    async with running(options) as url:
        print(f"simulator: listening on {url}", flush=True)
        await stop.wait()


@asynccontextmanager
async def running(options: Options) -> AsyncIterator[str]:
    """A simulator that serves while the context is open; gives its base URL.

    Raises `ScriptError` for a bad scenario and `CannotListen` for a bad address.
    """
    rules = load_scenario(options.scenario) if options.scenario else ()

    def connections() -> int:
        return len(runner.server.connections) if runner.server else 0

    runner = web.AppRunner(
        make_app(options, rules, connections),
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=_SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        await _listen(runner, options)
        host, port = runner.addresses[0][:2]
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, options: Options) -> None:
    try:
        await web.TCPSite(runner, options.host, options.port).start()
    except OSError as error:
        # asyncio wraps the reason in a sentence of its own.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        hint = "choose another --host or --port (0 takes any free port)"
        raise CannotListen(f"cannot listen on {options.host}:{options.port}: {reason}; {hint}") from error


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Set `stop` when stdin ends.

    A thread, because stdin may be a file, which an event loop cannot watch; a daemon, because a blocked
    read cannot be cancelled; `os.read`, because `sys.stdin` would be locked at exit.
    """

    def watch() -> None:
        with suppress(OSError):  # a stdin that cannot be read has ended, too
            while os.read(_STDIN, 4096):
                pass
        with suppress(RuntimeError):  # a signal was first, and the loop is closed
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="watch-stdin", daemon=True).start()
