"""The short name of a configuration."""

from typing import Any

from service.config import Settings
from service.config.digest import digest


def named(**provider: Any) -> str:
    row = {"protocol": "openai", "base_url": "http://127.0.0.1:1", **provider}
    return digest(Settings.model_validate({"providers": {"one": row}}))


def test_equal_configurations_have_one_name_and_others_another() -> None:
    assert named(api_key="k") == named(api_key="k")
    assert len(named()) == 12
    assert named(stall_timeout="5s") != named(stall_timeout="6s")


def test_a_key_is_there_or_not_and_its_text_makes_no_difference() -> None:
    assert named(api_key="right") == named(api_key="wrong") != named()


def test_of_headers_only_the_names_count() -> None:
    assert named(headers={"x-team-key": "right"}) == named(headers={"x-team-key": "wrong"}) != named()


def test_the_order_of_writing_makes_no_difference() -> None:
    rows = {name: {"protocol": "openai", "base_url": "http://127.0.0.1:1"} for name in ("one", "two")}
    turned = dict(reversed(rows.items()))
    assert digest(Settings.model_validate({"providers": rows})) == digest(
        Settings.model_validate({"providers": turned})
    )
