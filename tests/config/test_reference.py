"""The list of settings: complete, and true to what is taken."""

from collections.abc import Mapping

import pytest
from pydantic import BaseModel

from service.config import ServerSettings, Setting, Settings, reference
from tests.config.conftest import Folder

BY_PATH: Mapping[str, Setting] = {setting.path: setting for setting in reference()}
WITH_VARIABLE = [setting for setting in BY_PATH.values() if setting.variable]
WITH_DEFAULT = [s for s in WITH_VARIABLE if s.default not in ("required", "unset", "built in", "empty")]
FILE = """
    providers:
      name:
        protocol: gemini
        base_url: http://before
        oauth: {token_url: https://before, client_id: before, client_secret: before}
        prices:
          input: 5
          output: 5
          long_from: 5
          long_prices: {input: 5, output: 5}
          peak: {hours: [5-6], otherwise_percent: 5}
    routes: {name: {targets: [name/before]}}
"""
OF_KIND = {
    "list": "[name/after]",
    "number": "1",
    "size": "8MiB",
    "text": "after",
    "text, or one each for zh and en": "after",
    "time": "9s",
    "whole number": "7",
}
OF_NAME = {
    "opens_at_most": "45s",
    **dict.fromkeys(("address", "admin_address"), "after:1"),
    "auth": "api-key",
    **dict.fromkeys(("base_url", "proxy", "token_url"), "https://after"),
    "ca_file": "after",
    "catalog": "openai",
    "hours": "[1-2]",
    "weekdays": "[mon]",
    "max_deadline": "25m",
    "propagators": "[b3]",
}


def other_than_before(setting: Setting) -> str:
    """A good value that is not the one without it."""
    if setting.kind == "true or false":
        return "false" if setting.default == "true" else "true"
    choices = setting.kind.replace(" or ", ", ").split(", ")
    name = setting.path.rpartition(".")[2]
    return OF_NAME.get(name) or OF_KIND.get(setting.kind) or next(c for c in choices if c != setting.default)


def at(settings: BaseModel, path: str) -> object:
    value: object = settings
    for part in path.split("."):
        value = value[part.lower()] if isinstance(value, dict) else getattr(value, part)
    return value


@pytest.fixture
def before(folder: Folder) -> Settings:
    folder.write(FILE)
    folder.write("", "after")
    return folder.load()


def test_every_field_of_every_section_is_there() -> None:
    assert {path.partition(".")[0] for path in BY_PATH} == set(Settings.model_fields)
    assert {path.split(".")[1] for path in BY_PATH if path.startswith("server.")} == set(ServerSettings.model_fields)


@pytest.mark.parametrize("setting", WITH_VARIABLE, ids=lambda setting: setting.path)
def test_a_variable_reaches_its_setting(
    setting: Setting, before: Settings, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.path)  # where the file of authorities is
    instead = {"MAINSTAY__PROVIDERS__NAME__OAUTH": "null"} if setting.path.endswith("api_key") else {}
    after = folder.load({setting.variable: other_than_before(setting), **instead})
    assert at(after, setting.path) != at(before, setting.path)


@pytest.mark.parametrize("setting", WITH_DEFAULT, ids=lambda setting: setting.path)
def test_a_default_is_what_it_would_be_if_it_were_written(setting: Setting, before: Settings, folder: Folder) -> None:
    after = folder.load({setting.variable: setting.default})
    assert at(after, setting.path) == at(before, setting.path)


@pytest.mark.parametrize(
    ("path", "kind", "default", "limits", "variable"),
    [
        ("server.admin_address", "text", "127.0.0.1:9464", "", "MAINSTAY__SERVER__ADMIN_ADDRESS"),
        ("server.drain_grace", "time", "10s", "0s to 10m", "MAINSTAY__SERVER__DRAIN_GRACE"),
        ("cache.max_bytes", "size", "64MiB", "1MiB to 1024GiB", "MAINSTAY__CACHE__MAX_BYTES"),
        ("routes.NAME.stall_timeout", "time", "unset", "100ms to 1h", "MAINSTAY__ROUTES__NAME__STALL_TIMEOUT"),
        ("routes.NAME.targets", "list", "required", "at most 64 entries", "MAINSTAY__ROUTES__NAME__TARGETS"),
        ("routes.NAME.upstream", "whole or stream", "whole", "", "MAINSTAY__ROUTES__NAME__UPSTREAM"),
        ("providers.NAME.headers", "mapping", "{}", "at most 32 entries", ""),
        ("providers.NAME.api_keys.0.weight", "whole number", "1", "1 to 1000", ""),
        ("providers.NAME.models.NAME.retires", "day", "unset", "", ""),
        ("degradation.notice", "text, or one each for zh and en", "built in", "", "MAINSTAY__DEGRADATION__NOTICE"),
    ],
)
def test_what_is_said_of_a_setting(path: str, kind: str, default: str, limits: str, variable: str) -> None:
    setting = BY_PATH[path]
    assert (setting.kind, setting.default, setting.limits, setting.variable) == (kind, default, limits, variable)


def test_a_sentence_does_not_repeat_the_unit_that_is_written() -> None:
    assert BY_PATH["server.drain_grace"].sentence == "Time that open calls get to finish after SIGTERM."
    assert BY_PATH["cache.max_entries"].sentence == "Most answers."
