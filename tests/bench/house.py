"""Everything that runs during a bench, and the folder that holds what it wrote."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import question
from tests.bench.configuration import Ports, configuration
from tests.bench.cpus import Cpus, on
from tests.bench.processes import Program, Start, started
from tests.bench.services import Service
from tests.bench.tools import REFERENCE_PYTHON, Tools
from tests.bench.turnstile import Turnstile, turnstile
from tests.kit.process import environment, free_port


@dataclass(frozen=True, slots=True)
class House:
    """The running programs, and what watches them."""

    tools: Tools
    folder: Path
    cpus: Cpus
    measured: Mapping[str, Program]
    """The reference programs and the services, by name."""
    admin: Mapping[str, int]
    """The services' admin ports, by name."""
    receiver: Program
    counted: Turnstile
    """In front of the provider of the cached route."""


@contextmanager
def opened(tools: Tools, folder: Path, cpus: Cpus, services: Sequence[Service]) -> Iterator[House]:
    """All of it, for as long as the context lasts. `folder` is emptied first. Raises Wrong."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    question.write_bodies(folder)
    with ExitStack() as stack:
        stack.enter_context(on(cpus.others))
        builder = _Builder(stack, folder, cpus)
        mock = builder.run("mock", [str(tools.mockup)])
        receiver = builder.run("receiver", [sys.executable, "-m", "tests.bench.receiver"])
        counted = stack.enter_context(turnstile(mock.port))
        measured = {program.name: program for program in builder.references(tools, mock)}
        for service in services:
            measured[service.value] = builder.service(service, mock, counted, receiver)
        yield House(tools, folder, cpus, measured, builder.admin, receiver, counted)


class _Builder:
    """Starts programs that end with the stack."""

    def __init__(self, stack: ExitStack, folder: Path, cpus: Cpus) -> None:
        self._stack = stack
        self._folder = folder
        self._cpus = cpus
        self.admin: dict[str, int] = {}

    def run(self, name: str, command: Sequence[str], *arguments: str) -> Program:
        """A program that takes its port first, and is not measured."""
        port = free_port()
        start = Start(name, port, [*command, str(port), *arguments], self._folder, environment(), self._cpus.others)
        return self._stack.enter_context(started(start))

    def references(self, tools: Tools, mock: Program) -> Iterator[Program]:
        """Echo and relay, as their README starts them."""
        upstream = f"http://127.0.0.1:{mock.port}/v1"
        yield self._measured("echo", tools.echo, "--loop", "uvloop", "--write")
        yield self._measured("relay", tools.relay, upstream, "--http", "aiohttp")

    def _measured(self, name: str, script: Path, *arguments: str) -> Program:
        port = free_port()
        command = [str(REFERENCE_PYTHON), str(script), str(port), *arguments]
        start = Start(name, port, command, self._folder, environment(), self._cpus.measured)
        return self._stack.enter_context(started(start))

    def service(self, service: Service, mock: Program, counted: Turnstile, receiver: Program) -> Program:
        """A service of its own, with its configuration beside its log."""
        ports = Ports(service=free_port(), admin=free_port(), mock=mock.port, turnstile=counted.port)
        self.admin[service.value] = ports.admin
        config = self._folder / f"{service.value}.yaml"
        config.write_text(json.dumps(configuration(ports, traces=service.exports), indent=1))
        variables = environment(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}")
        command = [*service.command(self._folder), "--config", str(config)]
        start = Start(service.value, ports.service, command, self._folder, variables, self._cpus.measured)
        return self._stack.enter_context(started(start))
