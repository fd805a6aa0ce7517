"""Debian's promtool, where there is one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
_OURS = Path(__file__).parents[2] / ".cache/promtool"
"""Where `.ci/run` puts it."""
PROMTOOL = shutil.which("promtool") or (str(_OURS) if _OURS.is_file() else None)
IN_CI = "CI" in os.environ  # noqa: TID251 - nobody else is to know it

needs_promtool = pytest.mark.skipif(
    PROMTOOL is None and not IN_CI, reason="promtool is not installed: deploy/prometheus/get-promtool fetches it"
)


def promtool(*args: str, folder: Path = DEPLOY / "prometheus") -> str:
    """What it prints; fails with that if it finds a fault."""
    assert PROMTOOL, "promtool is not installed: deploy/prometheus/get-promtool fetches it"
    run = subprocess.run(
        [PROMTOOL, *args], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert run.returncode == 0, run.stdout
    return run.stdout
