"""Prints every mutant of the files that are named, as JSON: each file, and the sources it could be changed to.

Run by `.venv-mutants`, which has mutmut and nothing of ours, in the project's folder, where mutmut finds its settings.
mutmut's own runner is not used: it puts a switch into every function, which breaks tests that bound time, and leaves
out constants and the defaults of fields.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from mutmut.mutation.file_mutation import create_mutations


def changed(path: str) -> list[str]:
    """The sources with one change each, nothing twice. mutmut spares types, docstrings and decorated functions."""
    source = Path(path).read_text(encoding="utf-8")
    module, mutations, *_ = create_mutations(path, source)
    codes = (module.deep_replace(one.original_node, one.mutated_node).code for one in mutations)
    return [code for code in dict.fromkeys(codes) if code != source]


if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:  # rendering takes most of the time
        json.dump(dict(zip(sys.argv[1:], pool.map(changed, sys.argv[1:]), strict=True)), sys.stdout)
