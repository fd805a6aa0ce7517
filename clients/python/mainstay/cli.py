"""The command `mainstay`: ask from a shell, and see where the answer came from."""

import argparse
import asyncio
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mainstay import __version__, defaults

CALL_FAILED = 1
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns 0, 1 if the call failed, 130 on Ctrl-C. Exits with 2 on wrong usage."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC tells stderr of every connection that it loses
    try:
        return asyncio.run(run(parse(argv)))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `mainstay chat … | head`: who reads has seen enough
        _let_go_of_stdout()
        return CALL_FAILED
    except OSError as error:
        _let_go_of_stdout()
        print(f"mainstay: cannot write the answer: {error.strerror}", file=sys.stderr)
        return CALL_FAILED


async def run(arguments: argparse.Namespace) -> int:
    """Carries out a parsed command line; returns the exit code."""
    from mainstay import commands  # only now: `--help` need not wait for gRPC

    code = await (commands.models(arguments) if arguments.command == "models" else commands.chat(arguments))
    sys.stdout.flush()  # here a closed pipe is caught, at exit it no longer would be
    return code


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line, checked, with the question read. Exits with 2 where it makes no sense."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    try:
        _check(arguments)
    except ValueError as error:
        parser.error(str(error))
    return arguments


def _check(arguments: argparse.Namespace) -> None:
    if "://" in arguments.target and arguments.target.startswith("http"):
        raise ValueError(f"a target is HOST:PORT and not a URL: {arguments.target}")
    if arguments.command == "chat":
        arguments.question = _question(arguments.question)
        if arguments.schema is not None:
            arguments.schema, arguments.stream = _contents(arguments.schema), False
        for text in (arguments.question, arguments.system, arguments.model):
            _check_text(text)


def _question(given: str | None) -> str:
    if given is None and (sys.stdin is None or sys.stdin.isatty()):
        raise ValueError('there is no question: mainstay chat "…", or pipe one in')
    question = sys.stdin.read() if given in (None, "-") else given
    if not question or not question.strip():
        raise ValueError("the question is empty")
    return question


def _contents(file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except OSError as error:
        raise ValueError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not UTF-8") from None


def _check_text(text: str | None) -> None:
    try:
        (text or "").encode()
    except UnicodeEncodeError:
        raise ValueError("the text is not valid UTF-8") from None


def _let_go_of_stdout() -> None:
    """Python flushes stdout once more at exit, and would complain then."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mainstay", description="Talk to Mainstay.")
    parser.add_argument("--version", action="version", version=f"mainstay {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_chat(commands.add_parser("chat", help="ask a model", description=CHAT_HELP))
    _add_connection(
        commands.add_parser("models", help="list the models", description="Lists the names that --model takes.")
    )
    return parser


CHAT_HELP = "Asks a model. The answer goes to stdout; what it took to get it, to stderr."


def _add_chat(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="?", metavar="QUESTION", help="- or nothing: from stdin")
    parser.add_argument("--model", default=defaults.MODEL, help="a route, or provider/model (default: %(default)s)")
    parser.add_argument("--system", metavar="TEXT", help="standing instructions to the model")
    parser.add_argument("--temperature", type=float, metavar="T", help="0 to 2 (default: the model's own)")
    parser.add_argument("--max-output-tokens", type=_count, metavar="N", help="upper bound, reasoning included")
    parser.add_argument(
        "--schema",
        metavar="FILE",
        help="answer with JSON that fits the JSON Schema in FILE; in one piece, so that it can be mended",
    )
    parser.add_argument("--no-stream", dest="stream", action="store_false", help="show the answer in one piece")
    _add_connection(parser)


def _add_connection(parser: argparse.ArgumentParser) -> None:
    default = os.environ.get("MAINSTAY_TARGET") or defaults.TARGET
    parser.add_argument(
        "--target",
        metavar="HOST:PORT",
        default=default,
        help="(default: $MAINSTAY_TARGET, or 127.0.0.1:50051; now %(default)s)",
    )
    parser.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="(default: 600, or 120 with --no-stream)")
    parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not (seconds > 0 and math.isfinite(seconds)):
        raise argparse.ArgumentTypeError(f"must be a number of seconds over 0: {text}")
    return seconds


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count < 2**31:
        raise argparse.ArgumentTypeError(f"must be from 1 to {2**31 - 1}: {text}")
    return count
