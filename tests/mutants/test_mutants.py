"""The harness on a project of three lines: `make mutants` runs it on ours, and wants a tool that is not here."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.mutants import report
from tests.mutants.equivalent import Equivalent, equivalents, reason, untrue
from tests.mutants.mutant import ROOT, TOOL, Mutant, compared, drawn, files, mutants
from tests.mutants.outcome import Outcome
from tests.mutants.run import CannotTell, Results, tried_all
from tests.mutants.trial import changed, tried

TOY = "service/policies/toy.py"
SOURCE = """class Toy:
    most = 3

    def may(self, count):
        return count < self.most


def never(): return 7
"""
KILLED, NOT_NOTICED, NOT_IMPORTED = (
    SOURCE.replace(was, becomes) for was, becomes in ((" < ", " > "), ("7", "8"), ("most = 3", "most = None + 1"))
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        TOY: SOURCE,
        "service/__init__.py": "",
        "service/policies/__init__.py": "",
        "tests/policies/test_toy.py": "from service.policies.toy import Toy\n\n\n"
        "def test_two_may():\n    assert Toy().may(2)\n",
        "pyproject.toml": '[tool.pytest]\npythonpath = ["."]\naddopts = ["--import-mode=importlib"]\n',
    }.items():
        (tmp_path / "toy" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "toy" / name).write_text(text)
    return tmp_path / "toy"


def toys(*sources: str) -> list[Mutant]:
    return list(compared(TOY, SOURCE, sources))


def some(killed: int, survived: int) -> Results:
    (mutant,) = toys(KILLED)
    return [(mutant, Outcome.KILLED)] * killed + [(mutant, Outcome.SURVIVED)] * survived


def entry(was: str = "def never(): return 7", becomes: str = "def never(): return 8") -> Equivalent:
    return Equivalent(TOY, "never", was, becomes, "nobody asks")


def test_what_a_test_notices_is_killed_and_what_none_does_survives(project: Path, tmp_path: Path) -> None:
    told: list[int] = []
    chosen = toys(KILLED, NOT_NOTICED, NOT_IMPORTED)
    results: Results = []
    scratch = tmp_path / "scratch"
    asyncio.run(tried_all(project, chosen, scratch, results, lambda so_far: told.append(len(so_far))))
    assert dict(results) == dict(zip(chosen, [Outcome.KILLED, Outcome.SURVIVED, Outcome.NOT_IMPORTED], strict=True))
    assert told == [1, 2, 3]
    assert (project / TOY).read_text() == SOURCE, "the project itself was changed"


def test_what_no_longer_ends_is_ended(project: Path) -> None:
    (endless,) = toys(SOURCE.replace("return count < self.most", "while True: pass"))
    assert asyncio.run(tried(endless, project, (2, 2))) is Outcome.TIMED_OUT
    assert (project / TOY).read_text() == SOURCE


def test_tests_that_fail_without_a_mutant_say_nothing_about_mutants(project: Path, tmp_path: Path) -> None:
    (project / TOY).write_text(KILLED)
    with pytest.raises(CannotTell, match="without any mutant"):
        asyncio.run(tried_all(project, toys(KILLED), tmp_path / "scratch", [], lambda _: None))


def test_a_file_is_as_before_also_after_a_failure(project: Path) -> None:
    (mutant,) = toys(KILLED)
    with pytest.raises(KeyboardInterrupt), changed(mutant, project):
        assert (project / TOY).read_text() == KILLED
        raise KeyboardInterrupt
    assert (project / TOY).read_text() == SOURCE


def test_a_mutant_says_where_it_is_and_what_it_changes() -> None:
    first, second = toys(KILLED, SOURCE.replace("    most = 3\n", ""))
    assert (first.path, first.line, first.within) == (TOY, 5, "Toy.may")
    assert (first.was, first.becomes) == ("return count < self.most", "return count > self.most")
    assert (second.line, second.within, second.was, second.becomes) == (2, "Toy", "most = 3", "")


def test_the_same_seed_draws_the_same() -> None:
    every = toys(*(SOURCE.replace("7", str(number)) for number in range(100, 200)))
    chosen = drawn(every, 10, seed=1)
    assert chosen == drawn(every, 10, seed=1)
    assert len(chosen) == 10
    assert chosen == sorted(chosen, key=every.index), "they keep their order"
    assert chosen != drawn(every, 10, seed=2)
    assert drawn(every, 1000, seed=1) == every


def test_only_picks_files_and_folders() -> None:
    every = files(ROOT)
    assert "service/policies/budget.py" in every
    assert "service/pipeline/layers/retry.py" in every
    assert files(ROOT, ["service/policies/budget.py"]) == ["service/policies/budget.py"]
    assert {Path(path).parent for path in files(ROOT, ["service/policies"])} == {Path("service/policies")}
    assert files(ROOT, ["service/rpc"]) == []


@pytest.mark.parametrize(
    ("killed", "survived", "enough"), [(17, 3, True), (169, 31, False), (1, 0, True), (0, 1, False)]
)
def test_85_in_100_must_be_killed(killed: int, survived: int, enough: bool) -> None:
    assert report.enough(some(killed, survived)) is enough


def test_the_last_line_counts_and_survivors_are_shown_with_their_reason() -> None:
    noticed, unnoticed = toys(KILLED, NOT_NOTICED)
    results = [(unnoticed, Outcome.SURVIVED), (noticed, Outcome.TIMED_OUT)]
    assert report.last_line(results) == "mutants: killed=1/2 (50.0 %)"
    assert list(report.apart(results)) == [f"1 timed out: {TOY}:5"]
    shown = [f"{TOY}:8  never", "  - def never(): return 7", "  + def never(): return 8"]
    assert list(report.survivors(results, [])) == [*shown, "  NO TEST NOTICES\n"]
    assert list(report.survivors(results, [entry()])) == [*shown, "  equivalent: nobody asks\n"]


@pytest.mark.parametrize(
    ("listed", "outcome", "wrong"),
    [
        (entry(), Outcome.SURVIVED, []),
        (entry(was="def never(): return 6"), Outcome.SURVIVED, ["there is no such mutant"]),
        (entry(), Outcome.KILLED, ["a test notices it"]),
    ],
)
def test_a_list_of_equivalents_that_is_not_true_is_found_out(
    listed: Equivalent, outcome: Outcome, wrong: Sequence[str]
) -> None:
    (mutant,) = toys(NOT_NOTICED)
    found = list(untrue([listed], [mutant], [(mutant, outcome)]))
    assert [line.rpartition(": ")[2] for line in found] == wrong


def test_what_is_listed_as_equivalent_still_stands_in_its_file_and_says_why() -> None:
    for listed in equivalents():
        text = [line.strip() for line in (ROOT / listed.file).read_text().splitlines()]
        assert [line for line in listed.was.split("\n") if line.strip() not in text] == [], listed
        assert len(listed.why) > 20, listed


@pytest.mark.skipif(not Path(TOOL).exists(), reason="`make mutants` has not fetched mutmut yet")
def test_the_tool_makes_mutants_of_a_file_each_with_one_change(project: Path) -> None:
    made = mutants(project, [TOY])
    assert {mutant.becomes for mutant in made} >= {"return count <= self.most", "most = 4", "most = None"}
    assert len({mutant.source for mutant in made}) == len(made)
    assert SOURCE not in {mutant.source for mutant in made}
    assert reason(made[0], []) is None
