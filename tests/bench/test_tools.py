"""What is missing is told in words that help."""

from pathlib import Path

import pytest

from tests.bench.__main__ import MISUSED, main
from tests.bench.tools import Missing, made_before, need_a_compiler


def test_a_folder_without_the_programs_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--programs", str(tmp_path)]) == MISUSED
    said = capsys.readouterr().err
    assert "mockup.c" in said
    assert "BENCH=folder" in said


def test_what_was_never_made_is_not_there(tmp_path: Path) -> None:
    assert made_before(tmp_path) is None


def test_a_missing_header_is_told_with_the_packages_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="apt-get install libc6-dev libnghttp2-dev"):
        need_a_compiler()
    compiler.unlink()
    with pytest.raises(Missing, match="apt-get install gcc libc6-dev libnghttp2-dev"):
        need_a_compiler()
