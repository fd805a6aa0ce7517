"""The layers: which file wins, what is read, and what is not."""

import os
from pathlib import Path

import pytest

from service.chat.target import Target
from service.config import ConfigurationError, Secret, load
from service.providers import catalog
from tests.config.conftest import Folder


def test_without_files_and_variables_the_built_in_layer_loads_and_nothing_is_usable(folder: Folder) -> None:
    settings = folder.load()
    assert {name: settings.usable_targets(name) for name in settings.routes} == {"default": (), "smart": ()}


def test_one_key_makes_the_first_usable_target(folder: Folder) -> None:
    settings = folder.load(DEEPSEEK_API_KEY="sk-1")
    assert settings.usable_targets("default") == (Target("deepseek", "deepseek-flash"),)
    assert settings.usable_targets("smart") == (Target("deepseek", "deepseek-v4-pro"),)


def test_each_layer_wins_over_the_one_below(folder: Folder) -> None:
    field = "MAINSTAY__SERVER__ADDRESS"
    seen = [folder.load().server.address]
    folder.write("server: {address: 'file:1'}")
    seen.append(folder.load().server.address)
    folder.write("server: {address: 'profile:1'}", "config.prod.yaml")
    seen.append(folder.load(profile="prod").server.address)
    folder.write(f"{field}=dotenv:1", ".env")
    seen.append(folder.load(profile="prod").server.address)
    seen.append(folder.load({field: "environment:1"}, profile="prod").server.address)
    assert seen == ["127.0.0.1:50051", "file:1", "profile:1", "dotenv:1", "environment:1"]


def test_a_layer_changes_only_what_it_says(folder: Folder) -> None:
    folder.write("providers: {openai: {stall_timeout: 5s}}")
    openai = folder.load().providers["openai"]
    assert (openai.stall_timeout, openai.base_url) == (5.0, "https://api.openai.com/v1")


@pytest.mark.parametrize("text", ["", "# nothing yet", "server:\nproviders:\n  # later\nroutes:\n"])
def test_empty_files_and_sections_say_nothing(folder: Folder, text: str) -> None:
    folder.write(text)
    assert folder.load() == Folder(folder.path / "elsewhere").load()


def test_the_targets_of_a_route_are_replaced_as_a_whole(folder: Folder) -> None:
    folder.write("routes: {default: {targets: [openai/a/b, ollama/c]}}")
    assert folder.load().routes["default"].targets == (Target("openai", "a/b"), Target("ollama", "c"))


def test_null_removes_a_route_and_a_provider_with_its_built_in_targets(folder: Folder) -> None:
    folder.write("providers: {deepseek: null}\nroutes: {smart: ~}")
    settings = folder.load(DEEPSEEK_API_KEY="x")
    assert "deepseek" not in settings.providers
    assert settings.routes.keys() == {"default"}
    assert settings.routes["default"].targets[0] == Target("qwen", "qwen3.8-flash")


def test_a_target_that_somebody_wrote_is_not_dropped_with_its_provider(folder: Folder) -> None:
    folder.write("providers: {deepseek: null}\nroutes: {mine: {targets: [deepseek/x]}}")
    assert folder.problems() == ["config.yaml:2 routes.mine.targets.0: no provider 'deepseek'"]


def test_removing_every_provider_removes_the_built_in_routes(folder: Folder) -> None:
    folder.write("providers:\n" + "".join(f"  {name}:\n" for name in folder.load().providers))
    settings = folder.load()
    assert (settings.providers, settings.routes) == ({}, {})


def test_a_higher_layer_can_bring_back_what_a_lower_one_removed(folder: Folder) -> None:
    folder.write("providers: {ollama: null}")
    folder.write("providers: {ollama: {protocol: openai, base_url: 'http://gpu:1/v1'}}", "config.gpu.yaml")
    assert folder.load(profile="gpu").providers["ollama"].base_url == "http://gpu:1/v1"


def test_the_default_file_may_be_missing_but_a_named_one_may_not(folder: Folder) -> None:
    assert folder.load().routes
    assert folder.problems(config=Path("other.yaml")) == ["other.yaml: there is no such file"]
    assert folder.problems(profile="prod") == ["config.prod.yaml: there is no such file"]


def test_a_file_that_cannot_be_read_is_a_problem(folder: Folder) -> None:
    (folder.path / "config.yaml").mkdir()
    assert folder.problems() == ["config.yaml: cannot be read: Is a directory"]


def test_a_named_file_brings_its_own_profile_and_dotenv(folder: Folder) -> None:
    folder.write("server: {address: '${HOST}:1'}", "deploy/main.yml")
    folder.write("server: {reflection: false}", "deploy/main.eu.yml")
    folder.write("HOST=beside", "deploy/.env")
    folder.write("HOST=cwd", ".env")
    server = folder.load(config=Path("deploy/main.yml"), profile="eu").server
    assert (server.address, server.reflection) == ("beside:1", False)


def test_the_working_directory_has_the_dotenv_if_the_file_has_none(folder: Folder) -> None:
    folder.write("server: {address: '${HOST}:1'}", "deploy/main.yml")
    folder.write("HOST=cwd", ".env")
    assert folder.load(config=folder.path / "deploy/main.yml").server.address == "cwd:1"


def test_the_profile_comes_from_the_argument_or_the_environment(folder: Folder) -> None:
    for name in ("a", "b", "c"):
        folder.write(f"server: {{address: '{name}:1'}}", f"config.{name}.yaml")
    folder.write("MAINSTAY_PROFILE=a", ".env")
    assert folder.load().server.address == "a:1"
    assert folder.load(MAINSTAY_PROFILE="b").server.address == "b:1"
    assert folder.load(profile="c", MAINSTAY_PROFILE="b").server.address == "c:1"
    assert folder.load(MAINSTAY_PROFILE="").server.address == "127.0.0.1:50051"


@pytest.mark.parametrize("profile", ["../x", "A", "a/b", "."])
def test_a_profile_is_a_name_and_no_path(folder: Folder, profile: str) -> None:
    assert "the profile argument: is not a name" in folder.problems(profile=profile)[0]
    assert "environment MAINSTAY_PROFILE: is not a name" in folder.problems(MAINSTAY_PROFILE=profile)[0]


def test_dotenv_never_overrides_and_never_reaches_the_process(folder: Folder) -> None:
    folder.write("\ufeffOPENAI_API_KEY=from-file\nXAI_API_KEY='a$HOME${HOME}'\n", ".env")
    before = dict(os.environ)  # noqa: TID251, whether it is left alone is the question
    providers = folder.load(OPENAI_API_KEY="from-process", HOME="/h").providers
    assert providers["openai"].api_key == Secret("from-process")
    assert providers["xai"].api_key == Secret("a$HOME${HOME}")
    assert os.environ == before  # noqa: TID251


def test_the_process_environment_is_not_read_beside_the_argument(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "ambient")
    monkeypatch.setenv("MAINSTAY__SERVER__ADDRESS", "ambient:1")
    settings = folder.load()
    assert settings.providers["openai"].api_key is None
    assert settings.server.address == "127.0.0.1:50051"


def test_a_dotenv_that_is_no_text_is_a_problem(folder: Folder) -> None:
    (folder.path / ".env").write_bytes(b"A=\xff")
    assert folder.problems() == [f"{folder.path / '.env'}: cannot be read as UTF-8 text"]


def test_variables_reach_every_depth_and_convert_to_what_the_field_needs(folder: Folder) -> None:
    folder.write("providers: {my-proxy: {protocol: openai, base_url: 'http://x'}}")
    settings = folder.load(
        MAINSTAY__SERVER__REFLECTION="false",
        MAINSTAY__SERVER__MAX_CONCURRENT_STREAMS="7",
        MAINSTAY__SERVER__DEFAULT_DEADLINE__UNARY="3s",
        MAINSTAY__PROVIDERS__MY_PROXY__API_KEY="0123",
        MAINSTAY__PROVIDERS__OLLAMA__ENABLED="true",
        MAINSTAY__PROVIDERS__XAI="null",
        MAINSTAY__ROUTES__NEW__TARGETS="[openai/a, my-proxy/b]",
    )
    assert settings.server.reflection is False
    assert settings.server.max_concurrent_streams == 7
    assert settings.server.default_deadline.unary == 3.0
    assert settings.server.default_deadline.stream == 600.0
    assert settings.providers["my-proxy"].api_key == Secret("0123")
    assert settings.why_unusable("ollama") is None
    assert "xai" not in settings.providers
    assert settings.usable_targets("new") == (Target("my-proxy", "b"),)


def test_what_a_variable_of_the_layer_holds_is_final(folder: Folder) -> None:
    settings = folder.load(MAINSTAY__PROVIDERS__OPENAI__API_KEY="a${HOME}#:", HOME="/h")
    assert settings.providers["openai"].api_key == Secret("a${HOME}#:")


@pytest.mark.parametrize("name", ["MAINSTAY__", "MAINSTAY__SERVER__", "MAINSTAY____ADDRESS"])
def test_a_variable_without_a_whole_path_is_a_problem(folder: Folder, name: str) -> None:
    assert folder.problems({name: "x"}) == [f"environment {name}: is not written MAINSTAY__SECTION__FIELD"]


def test_two_variables_for_a_whole_and_its_part_are_a_problem(folder: Folder) -> None:
    variables = {"MAINSTAY__SERVER": "x", "MAINSTAY__SERVER__ADDRESS": "h:1"}
    assert folder.problems(variables) == [
        "environment MAINSTAY__SERVER: and MAINSTAY__SERVER__ADDRESS exclude each other: set one of them"
    ]


def test_files_that_cannot_be_read_are_all_told_before_anything_is_judged(folder: Folder) -> None:
    folder.write("server: [\n")
    folder.write("a: 1\na: 2\n", "config.prod.yaml")
    problems = folder.problems(profile="prod", MAINSTAY__="x", MAINSTAY__SERVER__ADDRESS="bad")
    assert [problem.split(":")[0] for problem in problems] == [
        "config.yaml",
        "config.prod.yaml",
        "environment MAINSTAY__",
    ]


def test_the_error_lists_all_problems_one_per_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(None, None, {"MAINSTAY__B": "", "MAINSTAY__A": ""}, tmp_path, catalog.defaults())
    assert str(caught.value) == "environment MAINSTAY__A a: unknown key\nenvironment MAINSTAY__B b: unknown key"
    assert len(caught.value.problems) == 2
    assert caught.value.problems[0].path == ("a",)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("DEEPSEEK_API_KEY: sk-canary", 3),
        ("DEEPSEEK_API_KEY sk-canary", 3),
        ("DEEPSEEK_API_KEY='sk-canary", 3),
        ("D", 3),
    ],
)
def test_a_line_of_dotenv_that_assigns_nothing_is_a_problem_with_its_place(folder: Folder, line: str, at: int) -> None:
    folder.write(f"A=1\n\n{line}\n", ".env")
    with pytest.raises(ConfigurationError) as caught:
        folder.load()
    assert [str(problem.place) for problem in caught.value.problems] == [f".env:{at}"]
    assert "canary" not in str(caught.value)
