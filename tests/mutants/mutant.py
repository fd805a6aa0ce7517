"""A mutant: one file of the service with one small change, which tests ought to notice."""

import ast
import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from random import Random
from textwrap import dedent

FOLDERS = ("service/policies", "service/pipeline/layers")
ROOT = Path(__file__).parents[2]
TOOL = str(ROOT / ".venv-mutants/bin/python")
_GENERATE = str(Path(__file__).with_name("generate.py"))


@dataclass(frozen=True, slots=True)
class Mutant:
    """Where it is changed, what stood there and what stands there now, and the whole file."""

    path: str
    """Below the project's folder."""
    line: int
    within: str
    """The function or class, such as `Account.spend`; nothing for a line of the module."""
    was: str
    becomes: str
    source: str


def files(root: Path, only: Sequence[str] = ()) -> list[str]:
    """What is mutated; with `only`, what of it is one of these files or lies in one of these folders."""
    found = sorted(str(path.relative_to(root)) for folder in FOLDERS for path in (root / folder).glob("*.py"))
    return [path for path in found if asked_for(path, only)]


def asked_for(path: str, only: Sequence[str]) -> bool:
    """Whether `only` names that file or a folder around it, or nothing at all."""
    return not only or any(Path(path).is_relative_to(one) for one in only)


def mutants(root: Path, paths: Iterable[str]) -> list[Mutant]:
    """Every mutant of these files, in an order that depends on nothing but their text and mutmut's release."""
    wanted = list(paths)
    made = subprocess.run(
        [TOOL, "-P", _GENERATE, *(str(root / path) for path in wanted)], cwd=ROOT, check=True, stdout=subprocess.PIPE
    ).stdout
    changed = json.loads(made)
    return [
        mutant
        for path in wanted
        for mutant in compared(path, (root / path).read_text(encoding="utf-8"), changed[str(root / path)])
    ]


def compared(path: str, original: str, changed: Iterable[str]) -> Iterator[Mutant]:
    """A mutant for each of the changed sources."""
    scopes = list(_scopes(ast.parse(original)))
    before = original.splitlines()
    for source in changed:
        after = source.splitlines()
        start = _alike(before, after)
        end = _alike(before[start:][::-1], after[start:][::-1])
        was, becomes = before[start : len(before) - end], after[start : len(after) - end]
        within = [name for name, lines in scopes if start + 1 in lines]
        yield Mutant(path, start + 1, within[-1] if within else "", _text(was), _text(becomes), source)


def drawn(all_of_them: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """So many of them, by the seed, in their order; all if there are no more."""
    chosen = Random(seed).sample(range(len(all_of_them)), min(count, len(all_of_them)))
    return [all_of_them[index] for index in sorted(chosen)]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the start are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _text(lines: Sequence[str]) -> str:
    return dedent("\n".join(lines)).strip()


def _scopes(node: ast.AST, outer: str = "") -> Iterator[tuple[str, range]]:
    """Functions and classes with their lines, the inner ones after those around them."""
    for child in ast.iter_child_nodes(node):
        name = outer
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{outer}.{child.name}" if outer else child.name
            yield name, range(child.lineno, (child.end_lineno or child.lineno) + 1)
        yield from _scopes(child, name)
