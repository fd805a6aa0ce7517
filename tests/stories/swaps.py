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


def swapped() -> Iterator[tuple[str, list[str]]]:
    """Each pair, and which stories turned red."""
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
            names = [match[1] for layer in (one, other) if (match := NAME.match(layer))]
            yield " <-> ".join(names), red_stories(tree)


def main() -> int:
    """Prints a line for each pair; 0 if each had exactly its story."""
    good = True
    for pair, red in swapped():
        good = good and len(red) == 1
        sys.stdout.write(f"{pair:<26} {', '.join(red) or 'NOTHING TURNED RED'}\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
