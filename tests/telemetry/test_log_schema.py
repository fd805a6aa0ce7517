"""`docs/logs.md` against every place in the service that writes a line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.log_schema import GENERAL, Schema

SERVICE = Path(__file__).parents[2] / "service"
SOURCES = sorted(path for path in SERVICE.rglob("*.py") if "simulator" not in path.parts)
LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}
SCHEMA = Schema()


def written_in(path: Path) -> Iterator[tuple[str, str]]:
    """Event and level of every line that the file writes. Fails on one that cannot be read off the source."""
    tree = ast.parse(path.read_text())
    loggers = {name for name, value in _assigned(tree) if ast.unparse(value) == "structlog.get_logger()"}
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in loggers:
            assert id(node) in called, f"{path}:{node.lineno} passes a logger's method on: call it with its event"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in loggers:
                assert isinstance(node.args[0], ast.Constant), f"{path}:{node.lineno} hides the event in a variable"
                yield str(node.args[0].value), LEVELS[node.func.attr]
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            said = {ast.literal_eval(key): value for key, value in pairs if isinstance(key, ast.Constant)}
            if {"event", "level"} <= said.keys():
                yield ast.literal_eval(said["event"]), ast.literal_eval(said["level"])


def _assigned(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


WRITTEN = {(event, level) for path in SOURCES for event, level in written_in(path)}


def test_every_line_that_the_code_writes_is_on_the_page_at_its_level() -> None:
    described = {(event, level) for event, row in SCHEMA.events.items() for level in row.levels}
    assert described == WRITTEN


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(SERVICE)))
def test_only_logs_speaks_to_structlog_in_a_way_that_this_test_cannot_read(path: Path) -> None:
    """It repeats an event that was written elsewhere."""
    text = path.read_text()
    unread = text.count("structlog.get_logger()") - text.count("log = structlog.get_logger()\n")
    assert unread == (1 if path == SERVICE / "telemetry/logs.py" else 0)


def test_every_field_of_an_event_has_a_type_and_every_type_a_use() -> None:
    used = {name for event in SCHEMA.events.values() for name in event.fields | event.sometimes}
    assert used | {*GENERAL, "repeated"} == SCHEMA.types.keys()
