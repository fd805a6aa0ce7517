"""What is written in the configuration is what holds."""

from math import inf
from typing import get_args

from mainstay import v1 as pb
from service.chat.capabilities import Ability, Capabilities
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.target import Target
from service.composition.resolve import (
    candidate,
    capabilities,
    conditions,
    headers_of,
    plan,
    row_of,
    rule_book,
    same_as,
    vocabulary,
    written_capabilities,
)
from service.config import ProviderSettings, Settings
from service.pipeline.layers.cache import CacheOptions
from service.pipeline.layers.retry import RetryOptions
from service.providers.catalog import ROWS
from service.providers.openai import OpenAI
from service.providers.protocols import PROTOCOLS

SETTINGS = Settings.model_validate(
    {
        "providers": {
            "p": {
                "protocol": "openai",
                "base_url": "http://127.0.0.1:1/v1",
                "connect_timeout": "1s",
                "first_token_timeout": "2s",
                "stall_timeout": "3s",
                "attempt_timeout": "4s",
                "models": {"m": {"context_tokens": "5"}},
            }
        },
        "routes": {
            "plain": {"targets": ["p/m"]},
            "full": {
                "targets": ["p/m"],
                "tries": {"first": "6", "later": "7"},
                "max_attempts": "8",
                "max_wait": "9s",
                "upstream": "stream",
                "connect_timeout": "10s",
                "first_token_timeout": "11s",
                "stall_timeout": "12s",
                "attempt_timeout": "13s",
                "leave_content_filter": "true",
                "degrade": "false",
                "cache": {
                    "use": "true",
                    "ttl": "14s",
                    "fallback_ttl": "15s",
                    "stale": "true",
                    "stale_ttl": "16s",
                    "tool_calls": "true",
                },
            },
        },
    }
)
RULES = rule_book(SETTINGS.degradation)


def test_a_candidate_has_its_providers_clocks_and_its_models_window() -> None:
    known = candidate(Target("p", "m"), SETTINGS)
    assert (known.clocks, known.context_tokens) == (Clocks(1, 2, 3, 4), 5)
    assert candidate(Target("p", "other"), SETTINGS).context_tokens is None


KNOWN = Settings.model_validate(
    {
        "providers": {
            "zhipu": {"protocol": "openai", "base_url": "http://x", "models": {"glm-5.3": {"context_tokens": 5}}},
            "ark": {
                "protocol": "openai",
                "base_url": "http://x",
                "catalog": "doubao",
                "models": {"ep-1": {"catalog": "doubao-seed-2-1-pro-260915"}},
            },
            "deepseek": {
                "protocol": "openai",
                "base_url": "http://x",
                "models": {"sees": {"catalog": "deepseek-v4-pro", "images": True, "reasoning": "none"}},
            },
            "nobody": {
                "protocol": "openai",
                "base_url": "http://x",
                "models": {"mute": {"tools": False, "prefill": True, "forced_tool_choice": False}},
            },
        }
    }
)


def test_what_is_written_of_a_model_goes_before_the_catalog() -> None:
    assert capabilities(Target("zhipu", "glm-5.3"), KNOWN).context_tokens == 5
    assert capabilities(Target("zhipu", "glm-5.3"), KNOWN).max_output_tokens == 128_000
    assert capabilities(Target("zhipu", "glm-5.3-flash"), KNOWN).context_tokens == 1_048_576
    assert capabilities(Target("zhipu", "new"), KNOWN).images is None
    assert capabilities(Target("nobody", "new"), KNOWN) == Capabilities()


def test_an_endpoint_is_known_as_the_model_that_it_is() -> None:
    ark = KNOWN.providers["ark"]
    assert (row_of("ark", ark).name, same_as(ark)) == ("doubao", {"ep-1": "doubao-seed-2-1-pro-260915"})
    assert candidate(Target("ark", "ep-1"), KNOWN).context_tokens == 1_024_000
    assert candidate(Target("ark", "ep-2"), KNOWN).context_tokens is None


def test_what_a_model_lacks_is_known_from_its_row_its_dialect_and_the_configuration() -> None:
    texts_only = candidate(Target("deepseek", "deepseek-v4-pro"), KNOWN)
    assert texts_only.lacks == {Ability.IMAGES, Ability.FILES}
    assert candidate(Target("deepseek", "deepseek-flash"), KNOWN).lacks == frozenset()
    assert candidate(Target("nobody", "mute"), KNOWN).lacks == {Ability.TOOLS, Ability.FORCED_TOOL_CHOICE}
    assert candidate(Target("nobody", "other"), KNOWN).lacks == frozenset()


def test_a_model_that_an_operator_says_can_see_is_spoken_to_as_one_that_can() -> None:
    assert candidate(Target("deepseek", "sees"), KNOWN).lacks == {Ability.FILES}
    provider = KNOWN.providers["deepseek"]
    wire = row_of("deepseek", provider).wire("deepseek", same_as(provider), written_capabilities(provider))
    assert isinstance(wire, OpenAI)
    assert wire.dialect_of is not None
    assert (wire.dialect_of("sees").images, wire.dialect_of("sees").flatten_text) == (True, False)
    assert wire.dialect_of("deepseek-v4-pro").flatten_text


def test_a_model_that_goes_on_where_it_is_begun_is_known_to() -> None:
    assert candidate(Target("nobody", "mute"), KNOWN).takes_prefix
    assert not candidate(Target("nobody", "other"), KNOWN).takes_prefix


def test_a_deployment_counts_in_the_vocabulary_of_the_model_that_it_is() -> None:
    settings = Settings.model_validate(
        {
            "providers": {
                "work": {
                    "protocol": "openai",
                    "base_url": "http://x",
                    "catalog": "openai",
                    "models": {"ours": {"catalog": "gpt-4.1"}},
                }
            }
        }
    )
    found = vocabulary(Target("work", "ours"), settings)
    assert found is not None
    assert found.name == "o200k"
    assert vocabulary(Target("work", "gpt-6-luna"), settings) is None


def test_a_routes_conditions_are_as_written() -> None:
    full = Conditions(
        clocks=Clocks(10, 11, 12, 13),
        max_attempts=8,
        upstream_stream=True,
        degrade=False,
        cache=pb.CACHE_MODE_USE,
        stale=True,
    )
    assert conditions(SETTINGS.routes["full"]) == full
    plain = Conditions(clocks=Clocks(inf, inf, inf, inf), max_attempts=6, degrade=True, cache=pb.CACHE_MODE_BYPASS)
    assert conditions(SETTINGS.routes["plain"]) == plain


def test_a_routes_plan_is_as_written() -> None:
    full = plan(SETTINGS.routes["full"], RULES)
    assert full.retry == RetryOptions(first=6, later=7, max_wait=9)
    assert full.cache == CacheOptions(ttl=14, fallback_ttl=15, stale_ttl=16, tool_calls=True)
    assert full.fallback.leave_content_filter
    assert full.rules is None
    plain = plan(SETTINGS.routes["plain"], RULES)
    assert plain.retry == RetryOptions(first=3, later=2, max_wait=5)
    assert not plain.fallback.leave_content_filter
    assert plain.rules is RULES


def spoken(**provider: object) -> ProviderSettings:
    return ProviderSettings.model_validate({"protocol": "openai", "base_url": "http://x", **provider})


def test_every_protocol_that_we_speak_can_be_written() -> None:
    assert set(get_args(ProviderSettings.model_fields["protocol"].annotation)) == PROTOCOLS.keys()


def test_a_provider_is_spoken_to_in_the_protocol_that_is_written() -> None:
    assert row_of("anthropic", spoken(protocol="anthropic")) is ROWS["anthropic"]
    other = row_of("deepseek", spoken(protocol="anthropic"))
    assert (other.protocol, other.models) == ("anthropic", ROWS["deepseek"].models)
    assert row_of("nobody", spoken(protocol="anthropic")).protocol == "anthropic"


def test_what_is_written_goes_before_the_headers_of_the_protocol() -> None:
    assert headers_of("nobody", spoken(headers={"a": "b"})) == {"a": "b"}
    assert headers_of("nobody", spoken(protocol="anthropic")) == {"anthropic-version": "2023-06-01"}
    own = {"Anthropic-Version": "2026-10-21"}
    assert headers_of("nobody", spoken(protocol="anthropic", headers=own)) == own
