"""A service of a row's own, before whatever provider the row brings; it ends with the row, and must end well."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mainstay import ChatClient
from mainstay.channel import Option
from tests.chaos.expect import expect
from tests.chaos.house import serving
from tests.chaos.scenario import Section
from tests.kit.process import Process


@asynccontextmanager
async def own_service(
    configuration: Section, options: Sequence[Option] = (), **variables: str
) -> AsyncIterator[tuple[Process, ChatClient]]:
    """With that configuration, and a client of it with these channel `options`. Raises Unmet if it ends badly."""
    with TemporaryDirectory(prefix="mainstay-chaos-own-") as folder:
        Path(folder, "config.yaml").write_text(json.dumps(configuration))
        async with (
            serving(Path(folder), **variables) as service,
            ChatClient(service.address, caller="chaos", options=options) as client,
        ):
            yield service, client
        expect_a_good_end(service)


def expect_a_good_end(service: Process) -> None:
    """It has ended as it was told to, and complained of nothing. Raises Unmet."""
    expect("exit code of the row's own service", service.child.returncode, 0)
    expect("its complaints", service.said, [])
    wrong = [line for line in service.log if json.loads(line).get("level") in ("error", "critical")]
    expect("its lines of level error", wrong, [])
