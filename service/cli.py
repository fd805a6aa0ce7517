"""The command `mainstayd`: serve, check a configuration, show the catalog, or simulate a provider."""

import argparse
import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import structlog

from service import probe
from service.app import providers, running
from service.config import ConfigurationError, Settings, confidential, describe, lend_to_exporters, load
from service.providers import catalog
from service.providers.catalog.table import detail, overview
from service.rpc.server import CannotListen
from service.simulated import CannotSimulate, simulated
from service.simulator import options as simulator_options
from service.simulator import serve as simulator
from service.telemetry import heart, logs
from service.version import VERSION

OK = 0
FAILED = 1
MISUSED = 2
NO_USABLE_TARGET = 3
INTERRUPTED = 130

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def main(argv: list[str] | None = None) -> int:
    """Runs one command; returns its exit code. A user's mistake is one clear message and no stack trace."""
    args = _parser().parse_args(argv)
    try:
        return int(args.command(args))
    except ConfigurationError as error:
        print(f"mainstayd: the configuration is not valid:\n{error}", file=sys.stderr)
    except (CannotListen, CannotSimulate) as error:
        print(f"mainstayd: {error}", file=sys.stderr)
    except KeyboardInterrupt:  # before there was anything to drain
        return INTERRUPTED
    return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mainstayd", description="Chat with large language models, whatever happens.")
    parser.add_argument("--version", action="version", version=f"mainstayd {VERSION}")
    commands = parser.add_subparsers(title="commands", required=True)
    serve = commands.add_parser("serve", help="serve until SIGTERM or Ctrl-C")
    serve.add_argument(
        "--simulate", action="store_true", help="serve every route from a simulator, for trying things out"
    )
    serve.set_defaults(command=_serve)
    check = commands.add_parser(
        "check",
        help="validate the configuration and show its routes",
        description="Exit codes: 0 good, 1 not valid or a probe failed, 3 valid but no target can be asked.",
    )
    check.add_argument("--quiet", action="store_true", help="show problems only")
    check.add_argument("--probe", action="store_true", help="ask each usable target for one token, which costs that")
    check.set_defaults(command=_check)
    for command in (serve, check):
        command.add_argument("--config", type=Path, metavar="FILE", help="instead of config.yaml, if there is one")
        command.add_argument("--profile", metavar="NAME", help="adds config.NAME.yaml (default: MAINSTAY_PROFILE)")
    known = commands.add_parser("catalog", help="show the vendors and models that are known")
    known.add_argument("name", nargs="?", metavar="NAME", help="everything about one vendor")
    known.set_defaults(command=_catalog)
    simulate = commands.add_parser("simulate", help="be a provider that can be told to misbehave")
    simulator_options.add_arguments(simulate)
    simulate.set_defaults(command=lambda args: simulator.run(simulator_options.options_from(args)))
    return parser


def _settings(args: argparse.Namespace) -> Settings:
    return load(args.config, args.profile, os.environ, Path.cwd(), catalog.defaults())


def _check(args: argparse.Namespace) -> int:
    settings = _settings(args)
    if not args.quiet:
        print(describe(settings), end="")
    if all(settings.why_unusable(name) for name in settings.providers):
        return NO_USABLE_TARGET
    return asyncio.run(_probe(settings, quiet=args.quiet)) if args.probe else OK


async def _probe(settings: Settings, *, quiet: bool) -> int:
    targets = probe.usable_targets(settings)
    if not targets:
        return NO_USABLE_TARGET
    async with AsyncExitStack() as opened:
        handlers = await providers(settings, opened, lambda call: {})
        outcomes = await probe.probe(targets, handlers, time.monotonic)
    failed = [outcome for outcome in outcomes if outcome.failure]
    print(probe.table(failed) if quiet else f"\nprobe\n{probe.table(outcomes)}", end="")
    return FAILED if failed else OK


def _catalog(args: argparse.Namespace) -> int:
    if args.name is None:
        print(overview(catalog.ROWS.values()), end="")
        return OK
    if args.name not in catalog.ROWS:
        print(f"mainstayd: the catalog has no row {args.name!r}, only {', '.join(catalog.ROWS)}", file=sys.stderr)
        return FAILED
    print(detail(catalog.ROWS[args.name]), end="")
    return OK


def _serve(args: argparse.Namespace) -> int:
    settings = _settings(args)
    lend_to_exporters(args.config, os.environ, Path.cwd())
    credentials = confidential(settings, os.environ)
    with (
        logs.configured(settings.server.log_level, credentials) as each_second,
        asyncio.Runner(loop_factory=_loop) as runner,
    ):
        return runner.run(_until_told(settings, each_second, simulate=args.simulate))


async def _until_told(settings: Settings, each_second: Callable[[], None], *, simulate: bool) -> int:
    told = asyncio.Event()
    _on_signals(told)
    log = structlog.get_logger()
    async with AsyncExitStack() as opened:
        opened.enter_context(heart.beating(each_second))
        double = await opened.enter_async_context(simulated(settings)) if simulate else None
        if double is not None:
            settings = double.settings
            log.warning("SIMULATING: every answer comes from a simulator, no model is asked")
        app = await opened.enter_async_context(running(settings))
        gc.collect()
        gc.freeze()  # what is here now stays: no collection need walk through it again, in the middle of a call
        listening = {"address": settings.server.address, "port": app.port, "admin": app.admin}
        if app.not_serving is None:
            log.info("serving", **listening, routes=sorted(settings.routes))
        else:
            log.error("NOT SERVING", **listening, why=app.not_serving)
        while not await _within_a_second(told):
            if double is not None and not double.alive:
                log.error("the simulator has died: stopping")
                return FAILED
        log.info("stopping", grace_seconds=settings.server.drain_grace)
    return OK


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


if __name__ == "__main__":
    sys.exit(main())
