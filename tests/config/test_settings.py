"""The fields themselves, the rows that are shipped, and what is said about targets."""

from collections.abc import Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from re import findall, search
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from service.config import Settings, describe
from tests.config.conftest import Folder

EXAMPLE = Path(__file__).parents[2] / ".env.example"
BUILT_IN = files("service.config").joinpath("builtin.yaml").read_text("utf-8")


def fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield f"{model.__name__}.{name}", field
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from fields(kind)


ALL_FIELDS = dict(fields(Settings))


@pytest.mark.parametrize("name", ALL_FIELDS)
def test_every_field_has_a_sentence(name: str) -> None:
    sentence = ALL_FIELDS[name].description or ""
    assert sentence.endswith(".")
    assert " " in sentence


@pytest.mark.parametrize("name", ALL_FIELDS)
def test_every_number_has_a_range_and_a_unit_in_its_sentence(name: str) -> None:
    field = ALL_FIELDS[name]
    if {float, int} & {field.annotation, *get_args(field.annotation)}:
        limits = {limit for part in field.metadata for limit in ("ge", "le") if hasattr(part, limit)}
        assert limits == {"ge", "le"}
        assert "in seconds" in str(field.description) or search("as a (count|share)", str(field.description))


@pytest.mark.parametrize("name", ALL_FIELDS)
def test_only_what_cannot_be_guessed_has_no_default(name: str) -> None:
    required = {
        "KeySettings.key",
        "OAuthSettings.client_id",
        "OAuthSettings.token_url",
        "FlatPriceSettings.input",
        "FlatPriceSettings.output",
        "PeakSettings.hours",
        "PeakSettings.otherwise_percent",
        "PriceSettings.input",
        "PriceSettings.output",
        "ProviderSettings.protocol",
        "ProviderSettings.base_url",
        "RouteSettings.targets",
        "RuleSettings.answer",
        "RuleSettings.name",
    }
    assert ALL_FIELDS[name].is_required() == (name in required)


@pytest.mark.parametrize("name", ALL_FIELDS)
def test_a_default_is_within_its_own_range(name: str) -> None:
    default = ALL_FIELDS[name].default
    for part in ALL_FIELDS[name].metadata:
        if isinstance(default, float | int):
            assert getattr(part, "ge", default) <= default <= getattr(part, "le", default)


def test_settings_are_frozen(folder: Folder) -> None:
    settings = folder.load()
    with pytest.raises(ValidationError, match="frozen"):
        settings.server.address = "x:1"
    with pytest.raises(ValidationError, match="frozen"):
        settings.providers["openai"].enabled = False


def test_settings_can_be_built_in_code() -> None:
    assert Settings().server.address == "127.0.0.1:50051"
    row = {"protocol": "openai", "base_url": "http://x"}
    settings = Settings.model_validate({"providers": {"p": row}, "routes": {"r": {"targets": ["p/m"]}}})
    assert settings.why_unusable("p") == "no key: set providers.p.api_key"
    assert settings.model_dump()["routes"]["r"]["targets"] == ("p/m",)


def test_why_a_provider_is_unusable_says_what_to_do(folder: Folder) -> None:
    folder.write("""
        providers:
          own: {protocol: openai, base_url: "http://x", api_key: "${FIRST:-}${SECOND:-}"}
          bare: {protocol: openai, base_url: "http://x"}
          open: {protocol: openai, base_url: "http://x", auth: none}
          closed: {protocol: openai, base_url: "http://x", api_key: k, enabled: false}
    """)
    settings = folder.load(XAI_API_KEY="k")
    assert {
        name: settings.why_unusable(name) for name in ("own", "bare", "open", "closed", "xai", "openai", "nobody")
    } == {
        "own": "no key: set FIRST",
        "bare": "no key: set providers.bare.api_key",
        "open": None,
        "closed": "switched off: set providers.closed.enabled to true",
        "xai": None,
        "openai": "no key: set OPENAI_API_KEY",
        "nobody": "no provider 'nobody'",
    }


def test_an_unknown_route_is_a_key_error(folder: Folder) -> None:
    with pytest.raises(KeyError):
        folder.load().usable_targets("nobody")


def test_the_check_prints_the_same_plain_table_every_time(folder: Folder) -> None:
    names = [name for name in folder.load().providers if name not in ("openai", "ollama", "xai")]
    folder.write(
        "".join(
            [
                "providers:\n",
                *(f"  {name}: null\n" for name in names),
                "routes:\n  smart: null\n  default: {targets: [openai/gpt-6-luna, xai/grok-4.3]}\n",
            ]
        )
    )
    assert describe(folder.load(XAI_API_KEY="canary"), lambda target: f"${len(target.model)} in") == (
        "server 127.0.0.1:50051\n"
        "admin  127.0.0.1:9464\n"
        "\n"
        "route default: 1 of 2 targets usable\n"
        "  openai/gpt-6-luna  https://api.openai.com/v1  no key: set OPENAI_API_KEY  $10 in\n"
        "  xai/grok-4.3       https://api.x.ai/v1        usable, key ***             $8 in\n"
        "\n"
        "in no route, only by provider/model:\n"
        "  ollama/…  http://127.0.0.1:11434/v1  switched off: set providers.ollama.enabled to true\n"
    )


def test_the_check_prints_routes_in_the_order_of_their_names(folder: Folder) -> None:
    folder.write("routes: {zoo: {targets: [openai/x]}, alpha: {targets: [openai/x]}}")
    routes = [line.split(":")[0] for line in describe(folder.load(), str).splitlines() if line.startswith("route ")]
    assert routes == ["route alpha", "route default", "route smart", "route zoo"]


def test_the_check_prints_a_configuration_without_routes(folder: Folder) -> None:
    assert describe(Settings(), str) == "server 127.0.0.1:50051\nadmin  127.0.0.1:9464\n"
    assert "usable, no key needed" in describe(folder.load(MAINSTAY__PROVIDERS__OLLAMA__ENABLED="true"), str)


def test_the_check_ends_with_its_warnings() -> None:
    assert describe(Settings(), str, ["the sky falls", "so it does"]).endswith(
        "\n\nwarning: the sky falls\nwarning: so it does\n"
    )


@pytest.mark.parametrize("variable", findall(r"\$\{([A-Z_]+):-\}", BUILT_IN))
def test_whichever_key_is_there_makes_a_provider_usable(folder: Folder, variable: str) -> None:
    settings = folder.load({variable: "k"})
    usable = [name for name in settings.providers if settings.why_unusable(name) is None]
    assert len(usable) == 1
    for route in settings.routes:
        assert len(settings.usable_targets(route)) == (0 if usable == ["litellm"] else 1)


def test_the_example_names_every_variable_once_with_a_comment_and_nothing_secret() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    variables = {line.removesuffix("=") for line in lines if line.endswith("=")}
    assert variables == {*findall(r"\$\{([A-Z_]+)", BUILT_IN), "MAINSTAY_PROFILE"}
    assert all(before.startswith("# ") for before, line in pairwise(lines) if line.endswith("="))
    assert all(not line or line.endswith("=") or line.startswith("# ") for line in lines)


def test_a_copy_of_the_example_changes_nothing(folder: Folder) -> None:
    untouched = folder.load()
    folder.write(EXAMPLE.read_text("utf-8"), ".env")
    assert folder.load() == untouched
    folder.write(EXAMPLE.read_text("utf-8").replace("# MAINSTAY", "MAINSTAY"), ".env")
    assert folder.load().providers["ollama"].enabled
