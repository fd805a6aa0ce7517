"""Every how-to with something to type is tried, and how what it prints is compared."""

from pathlib import Path
from socket import socket

import pytest

from tests.docs.how_to import PREFIX, page_of
from tests.docs.shell import fits, free_ports, run, steps, with_ports
from tests.docs.tables import DOCS

PAGES = [page for page in sorted((DOCS / "how-to").glob("*.md")) if [*steps(page.read_text("utf-8"))]]
STARTS = """ready mainstay.log '"serving"' $service"""


def test_every_how_to_has_a_test_file_named_after_it() -> None:
    tried = {page_of(file) for file in Path(__file__).parent.glob(f"{PREFIX}*.py")}
    assert tried == set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_service_that_cannot_start_is_shown_and_not_waited_for(page: Path, tmp_path: Path) -> None:
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = {**free_ports(), "50051": str(taken.getsockname()[1])}
        commands = "".join(step.commands for step in steps(with_ports(page, ports)))
        before, starts, rest = commands.partition(STARTS)
        assert starts
        script = f"{before}{starts}{rest.splitlines()[0]}"
        printed = run(f'{script}\nkill $(jobs -p)\nwait\nrm -r "$try"', tmp_path, ports)
    assert f"cannot listen on 127.0.0.1:{ports['50051']}" in printed


def test_what_is_printed_is_compared_line_by_line() -> None:
    assert fits("one 17 s\ntwo\nthree\n", "one … s\n…\nthree")
    assert fits("one\n", "one\n")
    assert not fits("one\ntwo\n", "one\n")
    assert not fits("one 17 s\nand more", "one … s")
    assert not fits("one", "One")
