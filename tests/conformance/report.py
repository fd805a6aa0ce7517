"""Counts results and says them: a table by provider, the readings that were granted, a file of all differences."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

import orjson

from tests.conformance.compare import Reading
from tests.conformance.run import LeftOut, Result

WANTED = 99.5
"""Percent of the files that count."""
LONGEST = 2_000
"""Characters of a value in the report."""


@dataclass(slots=True)
class Report:
    """Takes results one by one; `file` gets a line of JSON for each difference."""

    file: TextIO
    files: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    granted: Counter[Reading] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result | LeftOut) -> None:
        """Counts one file."""
        if isinstance(result, LeftOut):
            self.left_out[result.why] += 1
            return
        self.files[result.provider] += 1
        self.passed[result.provider] += result.passed
        if result.passed:
            self.granted.update(result.granted)
        for way, difference in result.differences:
            line = {
                "id": result.id,
                "way": way,
                "field": difference.field,
                "expected": _short(difference.expected),
                "got": _short(difference.got),
            }
            self.file.write(orjson.dumps(line).decode() + "\n")

    @property
    def total(self) -> int:
        return self.files.total()

    @property
    def percent(self) -> float:
        """0 where nothing counted: a run that saw no file proves nothing."""
        return 100 * self.passed.total() / self.total if self.total else 0.0

    def lines(self) -> list[str]:
        """All that is to be said, the verdict last."""
        table = [f"{'provider':<42} {'files':>6} {'passed':>6} {'failed':>6}"]
        for provider, files in sorted(self.files.items()):
            passed = self.passed[provider]
            table.append(f"{provider:<42} {files:>6} {passed:>6} {files - passed or '':>6}")
        granted = [f"{count:>6}  {reading.value}" for reading, count in self.granted.most_common()]
        left_out = [f"{count:>6}  {why}" for why, count in self.left_out.most_common()]
        return [
            *table,
            *(["", "passed, though the service reads them otherwise on purpose:", *granted] if granted else []),
            *(["", "left out:", *left_out] if left_out else []),
            "",
            f"conformance: {self.passed.total()}/{self.total} {self.percent:.2f}%",
        ]


def _short(value: object) -> object:
    said = value if isinstance(value, str) else orjson.dumps(value, default=repr).decode()
    return value if len(said) <= LONGEST else f"{said[:LONGEST]}… ({len(said)} characters)"
