"""What runs during a soak: the service, its provider, and a receiver of spans and metrics."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.cpus import Cpus, on
from tests.bench.processes import Program, Start, started
from tests.kit.process import environment, free_port
from tests.soak.configuration import configuration
from tests.soak.plan import Plan
from tests.soak.provider import WRITTEN
from tests.soak.watch import Watch


@dataclass(frozen=True, slots=True)
class House:
    """The service, and who watches it."""

    service: Program
    admin: int
    """Its admin port."""
    watch: Watch
    _folder: Path

    def broken(self) -> Mapping[str, int]:
        """Answers that the provider had broken when it was last asked to hang up, by model."""
        counted: dict[str, int] = json.loads((self._folder / WRITTEN).read_text())
        return counted


@contextmanager
def opened(plan: Plan, folder: Path, cpus: Cpus) -> Iterator[House]:
    """All of it, for as long as the context lasts. `folder` is emptied first. Raises Wrong."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        stack.enter_context(on(cpus.others))
        provider = stack.enter_context(started(_helper("provider", "tests.soak.provider", folder)))
        receiver = stack.enter_context(started(_helper("receiver", "tests.bench.receiver", folder)))
        config, counts, port, admin = folder / "config.yaml", folder / "counts.json", free_port(), free_port()
        config.write_text(json.dumps(configuration(plan, port, admin, provider.port), indent=1))
        start = Start(
            "service",
            port,
            _counted(counts, config),
            folder,
            environment(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{receiver.port}"),
            cpus.measured,
        )
        service = stack.enter_context(started(start))
        yield House(service, admin, Watch(service, provider, counts, admin), folder)


def _helper(name: str, module: str, folder: Path) -> Start:
    port = free_port()
    return Start(name, port, [sys.executable, "-m", module, str(port)], folder, environment())


def _counted(counts: Path, config: Path) -> Sequence[str]:
    return [sys.executable, "-P", "-m", "tests.soak.counted", str(counts), "serve", "--config", str(config)]
