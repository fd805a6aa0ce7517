"""`python -m tests.soak.counted FILE serve …`: mainstayd, which on SIGUSR1 counts its own tasks and objects into FILE.

Nothing outside the process can tell how many tasks it has.
"""

import asyncio
import gc
import json
import signal
import sys
from collections import Counter
from pathlib import Path

from service import cli


def _write(into: Path) -> None:
    tasks = Counter(getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks())
    gc.collect()
    counts = {"tasks": sum(tasks.values()), "objects": len(gc.get_objects()), "of": dict(tasks)}
    new = into.with_suffix(".new")
    new.write_text(json.dumps(counts))
    new.rename(into)  # whole or not at all


def main(into: Path, arguments: list[str]) -> int:
    """Runs mainstayd."""
    signal.signal(signal.SIGUSR1, lambda *_: _write(into))
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
