"""The command `mainstayd`: serve, check a configuration, list settings, show the catalog, or simulate a provider."""

import argparse
import asyncio
import os
import sys
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from service.composition import probe
from service.composition.known import known_of
from service.composition.retirement import leaving
from service.composition.simulated import CannotSimulate
from service.config import (
    ConfigurationError,
    Settings,
    confidential,
    describe,
    ignored,
    lend_to_exporters,
    load,
    reference,
)
from service.providers import catalog
from service.providers.catalog.table import detail, overview
from service.rpc.server import CannotListen
from service.simulator import options as simulator_options
from service.simulator import serve as simulator
from service.version import VERSION

OK = 0
FAILED = 1
MISUSED = 2
NO_USABLE_TARGET = 3
INTERRUPTED = 130


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
    listed = commands.add_parser("settings", help="list what can be configured: meaning, default, range, variable")
    listed.add_argument("word", nargs="?", default="", metavar="WORD", help="only settings with this in their name")
    listed.set_defaults(command=_settings_listed)
    simulate = commands.add_parser("simulate", help="be a provider that can be told to misbehave")
    simulator_options.add_arguments(simulate)
    simulate.set_defaults(command=lambda args: simulator.run(simulator_options.options_from(args)))
    return parser


def _settings(args: argparse.Namespace) -> Settings:
    settings = load(args.config, args.profile, os.environ, Path.cwd(), catalog.defaults())
    lend_to_exporters(args.config, os.environ, Path.cwd())
    return settings


def _check(args: argparse.Namespace) -> int:
    settings = _settings(args)
    if not args.quiet:
        warnings = (
            *leaving(settings, datetime.now(UTC).date()),
            *ignored(args.config, os.environ, Path.cwd()),
        )
        print(describe(settings, lambda target: known_of(target, settings), warnings), end="")
    if all(settings.why_unusable(name) for name in settings.providers):
        return NO_USABLE_TARGET
    return asyncio.run(_probe(settings, quiet=args.quiet)) if args.probe else OK


async def _probe(settings: Settings, *, quiet: bool) -> int:
    targets = probe.usable_targets(settings)
    if not targets:
        return NO_USABLE_TARGET
    from service.composition.providers import Around, providers  # as below

    async with AsyncExitStack() as opened:
        handlers = await providers(settings, opened, Around())
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


def _settings_listed(args: argparse.Namespace) -> int:
    found = [setting for setting in reference() if args.word.lower() in setting.path]
    if not found:
        print(f"mainstayd: no setting has {args.word!r} in its name", file=sys.stderr)
        return FAILED
    print("\n\n".join(map(str, found)))
    return OK


def _serve(args: argparse.Namespace) -> int:
    settings = _settings(args)
    for problem in ignored(args.config, os.environ, Path.cwd()):
        print(f"mainstayd: warning: {problem}", file=sys.stderr)
    from service.serving import serve  # not before the environment is looked through: OpenTelemetry's SDK reads it

    return OK if serve(settings, confidential(settings, os.environ), simulate=args.simulate) else FAILED


if __name__ == "__main__":
    sys.exit(main())
