"""`python -m tests.stories.swaps`: swaps each two neighbours of `pipeline/assembly.py`; one story turns red each time.

In a copy: the tree that it is run from stays as it is.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASSEMBLY = Path("service/pipeline/assembly.py")
STORIES = "tests/stories/test_order.py"
NAME = re.compile(r"\s*\*?_?(\w+)")


def layers_of(source: str) -> tuple[str, list[str], str]:
    """What stands before the layers in the call of `stack`, the layers, a piece of text each, and what comes after."""
    head, call, rest = source.partition("    return stack(\n")
    body, leaf, tail = rest.partition("        leaf=leaf,")
    layers: list[str] = []
    piece = ""
    for line in body.splitlines(keepends=True):
        piece += line
        if re.match(r" {8}\S", line) and not line.rstrip().endswith("("):
            layers.append(piece)
            piece = ""
    return head + call, layers, leaf + tail


def red_stories(tree: Path) -> list[str]:
    """The stories that fail in a tree."""
    # What a red story leaves open is told when it is collected, as the fault of the story that runs then.
    command = [sys.executable, "-m", "pytest", STORIES, "-q", "-p", "no:cacheprovider", "-p", "no:unraisableexception"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    return re.findall(rf"FAILED {STORIES}::(\w+)", done.stdout)


def swapped() -> Iterator[tuple[list[str], list[str]]]:
    """Each pair, as stories call it, and which stories turned red."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        for part in ("service", "tests", "clients", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, tree / part)
        head, layers, tail = layers_of((tree / ASSEMBLY).read_text())
        for place in range(len(layers) - 1):
            one, other = layers[place : place + 2]
            order = [*layers[:place], other, one, *layers[place + 2 :]]
            (tree / ASSEMBLY).write_text(head + "".join(order) + tail)
            for compiled in (tree / ASSEMBLY.parent / "__pycache__").glob(f"{ASSEMBLY.stem}.*"):
                compiled.unlink()  # Python would take it for that of the new order: same length, same second
            names = [in_words(match[1]) for layer in (one, other) if (match := NAME.match(layer))]
            yield names, red_stories(tree)


def in_words(name: str) -> str:
    """SingleFlight as single_flight."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def main() -> int:
    """Prints a line for each pair; 0 if each had exactly its story, by its name."""
    good = True
    for (outer, inner), red in swapped():
        is_its = len(red) == 1 and red[0].startswith(f"test_{outer}_stands_outside_{inner}_")
        good = good and is_its
        told = ", ".join(red) or "NOTHING TURNED RED"
        sys.stdout.write(f"{f'{outer} <-> {inner}':<28} {told}{'' if is_its else '   NOT ITS STORY'}\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
