"""A folder to write configuration files into and to load them from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from service.config import ConfigurationError, Settings, load
from service.providers import catalog


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path

    def write(self, text: str, name: str = "config.yaml") -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), "utf-8")
        return file

    def load(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        config: Path | None = None,
        profile: str | None = None,
        **more: str,
    ) -> Settings:
        return load(config, profile, {**(environ or {}), **more}, self.path, catalog.defaults())

    def problems(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        config: Path | None = None,
        profile: str | None = None,
        **more: str,
    ) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            self.load(environ, config=config, profile=profile, **more)
        return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)
