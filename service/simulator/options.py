"""How the simulator is started: its options and their command line."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service.simulator.paths import shown_paths
from service.simulator.plan import Manner
from service.simulator.quantities import ScriptError, integer, seconds
from service.simulator.words import explanation

_EPILOG = f"""\
it speaks three protocols, each whole and as a stream, and lists its models at GET /v1/models and /v1beta/models:

{shown_paths()}

faults are asked for in the model name, as in chat+tokens(60)+cut(40); N counts chunks, S is 0.5, 500ms or 2s.
In an address the name is percent-encoded, as in chat%2Bcut(40):

{explanation()}

or in a scenario file, a YAML list of rules:

  - model: "chat*"        # a glob over names without their own faults
    first: 2              # or every: N, or probability: P
    fault: status(429,retry-after=2)

or at runtime, the same list as JSON: PUT /control/faults (DELETE clears it; GET /control/requests tells
what clients did).
"""


@dataclass(frozen=True, slots=True)
class Options:
    """Where to listen, how to answer, when to stop.

    `port` 0 takes any free port; `api_key` None lets everybody in; `seed` fixes the dice of the faults.
    """

    host: str = "127.0.0.1"
    port: int = 9000
    api_key: str | None = field(default=None, repr=False)
    scenario: Path | None = None
    manner: Manner = field(default_factory=Manner)
    seed: int = 0
    until_stdin_closes: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Teach `parser` the simulator's options."""
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=_port, default=9000, help="port to listen on, 0 for any (default: %(default)s)")
    add("--api-key", metavar="KEY", help="refuse requests without this key (default: let everybody in)")
    add("--scenario", type=Path, metavar="FILE", help="fault rules in YAML")
    add(
        "--first-token",
        type=_seconds,
        default=0.05,
        metavar="S",
        help="until the first token (default: 50ms)",
    )
    add("--pace", type=_seconds, default=0.02, metavar="S", help="for each further token (default: 20ms)")
    add("--text-tokens", type=_tokens, metavar="N", help="length of text answers (default: as it comes)")
    add("--seed", type=int, default=0, metavar="N", help="seed of the faults' dice (default: %(default)s)")
    add("--until-stdin-closes", action="store_true", help="stop when stdin ends, that is, with the parent")


def options_from(args: argparse.Namespace) -> Options:
    """The options that the command line gave."""
    return Options(
        host=args.host,
        port=args.port,
        api_key=args.api_key,
        scenario=args.scenario,
        manner=Manner(args.first_token, args.pace, args.text_tokens),
        seed=args.seed,
        until_stdin_closes=args.until_stdin_closes,
    )


def _port(text: str) -> int:
    with _as_usage_error():
        return integer(text, 0, 65535)


def _tokens(text: str) -> int:
    with _as_usage_error():
        return integer(text, 0, 1_000_000)


def _seconds(text: str) -> float:
    with _as_usage_error():
        return seconds(text)


@contextmanager
def _as_usage_error() -> Iterator[None]:
    try:
        yield
    except ScriptError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
