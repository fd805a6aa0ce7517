"""Rules of DESIGN section 3 that a reader of the source can check: `tests/README.md` lists them all."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.rpc.servicer import ChatServicer

ROOT = Path(__file__).parent.parent
SOURCES = sorted(
    path
    for folder in (ROOT / "service", ROOT / "clients/python/mainstay")
    for path in folder.rglob("*.py")
    if not path.name.endswith(("_pb2.py", "_pb2_grpc.py"))
)
SCOPES = (
    "timeout",
    "timeout_at",
    "fail_after",
    "move_on_after",
    "TaskGroup",
    "create_task_group",
    "start_as_current_span",
)
AWAITED = {
    "service/pipeline/flight.py": "the last reader who leaves",
    "service/pipeline/race.py": "whoever asks for the winner, or is cancelled while it waits",
}
"""Who awaits the tasks that a file starts."""
THE_WORLD = {"time", "random", "datetime", "os", "secrets", "uuid", "threading"}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rpartition(".")[2]


def test_stream_handlers_are_coroutines_and_not_generators() -> None:
    assert inspect.iscoroutinefunction(ChatServicer.ChatStream)


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_nothing_is_yielded_inside_a_timeout_a_task_group_or_a_current_span(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.With | ast.AsyncWith) and any(
            call in SCOPES for item in node.items for call in calls_in(item.context_expr)
        ):
            inside = [child.lineno for child in ast.walk(node) if isinstance(child, ast.Yield | ast.YieldFrom)]
            assert not inside, f"{named(path)}:{inside[0]} yields inside a scope that belongs to one task"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_task_is_started_and_forgotten(path: Path) -> None:
    started = {"create_task", "ensure_future", "run_coroutine_threadsafe"} & set(calls_in(ast.parse(path.read_text())))
    assert bool(started) == (named(path) in AWAITED), f"{named(path)} starts a task, or none: say above who awaits it"


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if "pipeline" in path.parts or "policies" in path.parts], ids=named
)
def test_layers_get_time_and_chance_through_their_constructors(path: Path) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    assert not imported & THE_WORLD, f"{named(path)} imports {imported & THE_WORLD}: let it come in as an argument"
