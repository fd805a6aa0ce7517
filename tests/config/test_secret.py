"""A secret prints as *** wherever it turns up."""

import copy
import json
import pickle
import traceback

import pytest

from service.config import ConfigurationError, Secret, Settings, describe
from service.config.environment import Environment
from tests.config.conftest import Folder

CANARY = "sk-canary-4711"
FIELDS = [
    "server.address",
    "server.reflection",
    "server.default_deadline",
    "server.default_deadline.unary",
    "server.max_deadline",
    "server.max_concurrent_streams",
    "server.log_level",
    "server.nonsense",
    "providers.openai",
    "providers.openai.protocol",
    "providers.openai.base_url",
    "providers.openai.auth",
    "providers.openai.headers",
    "providers.openai.proxy",
    "providers.openai.ca_file",
    "providers.openai.connect_timeout",
    "providers.openai.enabled",
    "providers.openai.apikey",
    "routes.default",
    "routes.default.targets",
    "routes.default.stall_timeout",
    "routes.mine",
]


def nested(path: str, value: str) -> str:
    """A YAML text that holds `value` at `path`."""
    keys = path.split(".")
    lines = ["  " * depth + f"{key}:" for depth, key in enumerate(keys)]
    return "\n".join(lines) + f" {value}\n"


def test_a_secret_prints_as_stars_and_is_revealed_on_demand() -> None:
    secret = Secret(CANARY)
    assert {str(secret), repr(secret), f"{secret}", f"{secret!r}"} == {"***"}
    assert f"{secret:>5}" == "  ***"
    assert secret.reveal() == CANARY


def test_secrets_are_equal_by_text_and_cannot_be_changed_or_pickled() -> None:
    secret = Secret(CANARY)
    assert secret == Secret(CANARY)
    assert secret != Secret("other")
    assert secret != CANARY
    assert hash(secret) == hash(Secret(CANARY))
    assert copy.copy(secret) is copy.deepcopy(secret) is secret
    with pytest.raises(AttributeError):
        secret.more = 1
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_no_way_to_print_the_settings_shows_a_key(folder: Folder) -> None:
    settings = folder.load(OPENAI_API_KEY=CANARY)
    key = settings.providers["openai"].api_key
    assert key is not None
    assert key.reveal() == CANARY
    printed = [str(settings), repr(settings), describe(settings, str), settings.model_dump_json()]
    printed += [str(settings.model_dump()), json.dumps(settings.model_dump(mode="json"))]
    printed += [str(settings.model_copy(deep=True)), str(settings.providers["openai"])]
    assert all(CANARY not in text for text in printed)
    assert '"api_key":"***"' in settings.model_dump_json()


def test_header_values_are_not_in_the_repr(folder: Folder) -> None:
    folder.write("providers: {openai: {headers: {X-Gateway: canary}}}")
    settings = folder.load()
    assert settings.providers["openai"].headers == {"X-Gateway": "canary"}
    assert "canary" not in repr(settings)


@pytest.mark.parametrize("path", FIELDS)
def test_a_key_that_strays_into_any_field_is_not_in_the_error(folder: Folder, path: str) -> None:
    folder.write(nested(path, "${OPENAI_API_KEY}"))
    with pytest.raises(ConfigurationError) as caught:
        folder.load(OPENAI_API_KEY=CANARY)
    printed = "".join(traceback.format_exception(caught.value))
    assert CANARY not in printed
    assert CANARY not in repr(caught.value)
    assert path in printed


@pytest.mark.parametrize("target", ["${OPENAI_API_KEY}", "${OPENAI_API_KEY}/model"])
def test_a_key_that_strays_into_a_target_is_not_in_the_error(folder: Folder, target: str) -> None:
    folder.write(f"routes: {{r: {{targets: ['{target}']}}}}")
    problems = folder.problems(OPENAI_API_KEY=CANARY)
    assert CANARY not in str(problems)
    assert problems[0].endswith("(from OPENAI_API_KEY)")


@pytest.mark.parametrize(
    "line",
    [
        f"api_key: [{CANARY}]",
        f"api_key: {{a: {CANARY}}}",
        f'api_key: "{CANARY} with spaces"',
        f'api_key: "{CANARY}\\n"x',
        f"api_key: *{CANARY}",
        f"api_key: !{CANARY}!x y",
        f"api_key: !!python/object:{CANARY} y",
        f"api_key: '{CANARY}",
        f"api_key: a: {CANARY}",
        f"apikey: {CANARY}",
        f"{CANARY}",
        f"base_url: https://user:{CANARY}@host",
        f"base_url: https://host/v1?key={CANARY}",
        f"base_url: https://host/v1#{CANARY}",
        f"base_url: https://ho st/{CANARY}",
        f"base_url: {CANARY}",
        f"proxy: http://user:{CANARY}@host",
        f"proxy: http://host/{CANARY}",
        f'headers: {{X: "{CANARY}\\r\\nY: z"}}',
        f"headers: {{X: [{CANARY}]}}",
        f"headers: {CANARY}",
        f"headers: {{Authorization: Bearer {CANARY}}}",
    ],
)
def test_a_key_in_the_file_is_not_in_the_error(folder: Folder, line: str) -> None:
    folder.write(f"providers:\n  openai:\n    {line}\n")
    problems = folder.problems()
    assert CANARY not in str(problems)
    assert problems[0].startswith("config.yaml:")


def test_a_key_in_the_environment_layer_is_not_in_the_error(folder: Folder) -> None:
    problems = folder.problems(MAINSTAY__PROVIDERS__OPENAI__API_KEY=f"{CANARY} x", OPENAI_API_KEY="")
    (problem,) = problems
    place, path, message = problem.partition(" providers.openai.api_key: ")
    assert place == "environment MAINSTAY__PROVIDERS__OPENAI__API_KEY"
    assert path
    assert message == "must be printable ASCII without spaces: it travels in a header"


def test_building_settings_in_code_hides_a_bad_key_too() -> None:
    rows = {"openai": {"protocol": "openai", "base_url": f"ftp://{CANARY}", "api_key": f"{CANARY} x"}}
    with pytest.raises(ValueError, match="2 validation errors") as caught:
        Settings.model_validate({"providers": rows})
    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_key_is_no_key_and_space_around_one_is_dropped(folder: Folder, text: str) -> None:
    assert folder.load(OPENAI_API_KEY=text).providers["openai"].api_key is None
    assert folder.load(OPENAI_API_KEY=f"a{text}").providers["openai"].api_key == Secret("a")


def test_the_environment_is_not_in_its_repr() -> None:
    assert CANARY not in repr(Environment({"A": CANARY}, {"B": CANARY}))
