"""What holds for every row, and for those who look one up."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from mainstay import v1 as pb
from service.chat.capabilities import Ability, Capabilities, Reasoning
from service.chat.failures import Failure
from service.providers.catalog import GENERIC, ROWS, ModelRow, Row, defaults, row
from service.providers.catalog.row import model, usd
from service.providers.catalog.sources import LITELLM
from service.providers.catalog.table import detail, overview
from service.providers.catalog.words import abilities, inabilities
from service.providers.choices import ToolChoice
from service.providers.corrected import corrected
from service.providers.openai import Dialect, OpenAI
from service.providers.protocols import PROTOCOLS

MODELS = [(row, model) for row in ROWS.values() for model in row.models]


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_says_where_it_was_read_and_when(row: Row) -> None:
    assert row.source.where
    assert row.source.read >= date(2026, 11, 20)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_base_url_is_one_that_the_configuration_takes(row: Row) -> None:
    for url in (row.base_url, *row.elsewhere):
        split = urlsplit(url)
        assert not url or (split.scheme in ("http", "https") and split.hostname and not url.endswith("/"))
        assert "?" not in url
    assert row.base_url or row.name in ("azure", "azure-anthropic", "vertex", "vertex-anthropic")


@pytest.mark.parametrize(("row", "model"), MODELS, ids=[f"{row.name}/{model.name}" for row, model in MODELS])
def test_a_model_says_where_it_was_read_and_nothing_impossible(row: Row, model: ModelRow) -> None:
    assert model.source.where
    assert row.model(model.name) is model, "is named twice"
    window, output = model.can.context_tokens, model.can.max_output_tokens
    assert window is None or 1000 <= (output or 1000) <= window
    for price in (model.prices.input, model.prices.cached_input, model.prices.cache_write, model.prices.output):
        assert price is None or 0 <= price < 1000
    assert (model.long_from is None) == (model.long_prices.input is None)


def test_a_row_that_nobody_knows_is_the_generic_one() -> None:
    assert row("nobody") is GENERIC
    assert row("nobody").model("x") is None
    assert row("nobody").dialect_of("x") == Dialect()
    assert row("openai") is ROWS["openai"]


@pytest.mark.parametrize(
    ("name", "model", "field"),
    [
        ("openai", "gpt-6-luna", "max_completion_tokens"),
        ("openai", "gpt-7-of-tomorrow", "max_completion_tokens"),
        ("moonshot", "kimi-k2.6", "max_completion_tokens"),
        ("deepseek", "deepseek-flash", "max_tokens"),
    ],
)
def test_a_model_is_spoken_to_in_its_vendors_dialect_known_or_not(name: str, model: str, field: str) -> None:
    dialect = row(name).dialect_of(model)
    assert isinstance(dialect, Dialect)
    assert dialect.max_tokens_field == field


def spoken(name: str, model: str) -> Any:
    """The dialect, of whatever protocol."""
    return row(name).dialect_of(model)


def test_a_model_that_differs_has_a_dialect_of_its_own() -> None:
    assert spoken("openai", "gpt-6.1-sol").always_thinks
    assert not spoken("openai", "gpt-6.1-terra").always_thinks
    assert "stop" in spoken("openai", "o3").drops
    assert "temperature" in spoken("gemini", "gemini-3.8-flash").drops
    assert "temperature" not in spoken("gemini", "gemini-3.1-pro-preview").drops
    assert spoken("zhipu", "glm-5.3").json_schema
    assert not spoken("zhipu", "glm-5.3-flash").json_schema


@pytest.mark.parametrize(
    ("model", "sampled", "forced", "always_thinks", "prefill"),
    [  # PROVIDERS.md 3.8
        ("claude-sonnet-5-5", False, False, True, False),
        ("claude-opus-5-5-20261001", False, False, True, False),
        ("claude-fable-5-1", False, False, True, False),
        ("claude-fable-5", False, True, True, False),
        ("claude-haiku-5-5", False, True, False, False),
        ("claude-sonnet-5", False, True, False, False),
        ("claude-opus-4-8", False, True, False, False),
        ("claude-opus-4-7", False, True, False, False),
        ("claude-opus-4-6", True, True, False, False),
        ("claude-haiku-4-5-20251001", True, True, False, True),
        ("claude-of-tomorrow", False, True, False, False),
    ],
)
@pytest.mark.parametrize("name", ["anthropic", "azure-anthropic", "vertex-anthropic"])
def test_each_claude_is_spoken_to_as_it_can_be(
    name: str, model: str, sampled: bool, forced: bool, always_thinks: bool, prefill: bool
) -> None:
    dialect = spoken(name, model)
    assert ("temperature" not in dialect.drops) is sampled
    assert (ToolChoice.REQUIRED in dialect.tool_choices) is forced
    assert (dialect.always_thinks, dialect.prefill) == (always_thinks, prefill)


def test_an_answer_may_be_as_long_as_its_model_can_make_it() -> None:
    assert spoken("anthropic", "claude-haiku-4-5").max_tokens == 64_000
    assert spoken("anthropic", "claude-sonnet-5-5").max_tokens_most == 128_000
    assert spoken("anthropic", "claude-of-tomorrow").max_tokens == 32_000
    assert spoken("moonshot-anthropic", "kimi-k3").max_tokens == 128_000
    assert spoken("moonshot-anthropic", "kimi-k3").max_tokens_most == 1_048_576


def test_a_row_can_be_spoken_to_in_another_protocol_as_somebody_unknown() -> None:
    other = row("deepseek").speaking("anthropic")
    assert (other.protocol, other.dialect) == ("anthropic", PROTOCOLS["anthropic"].dialect())
    assert other.models == row("deepseek").models
    assert other.headers == {"anthropic-version": "2023-06-01"}
    assert row("deepseek").speaking("openai") is row("deepseek")
    assert row("deepseek").headers == {}


def test_an_endpoint_is_spoken_to_as_the_model_that_it_is() -> None:
    wire = row("zhipu").wire("mine", {"ep-1": "glm-5.3"})
    assert isinstance(wire, OpenAI)
    assert wire.provider == "mine"
    assert wire.dialect_of is not None
    assert wire.dialect_of("ep-1") == row("zhipu").dialect_of("glm-5.3")
    assert wire.dialect_of("ep-2") == row("zhipu").dialect


def test_what_a_model_is_known_to_do_is_what_its_dialect_lets_through() -> None:
    for vendor, known in MODELS:
        dialect = spoken(vendor.name, known.name)
        assert not known.can.tools or dialect.tools, known.name
        assert not known.can.images or dialect.images, known.name
        assert not known.can.json_schema or getattr(dialect, "json_schema", True), known.name


def test_the_configuration_learns_only_what_it_has_words_for() -> None:
    assert defaults()["ollama"] == {"protocol": "openai", "auth": "none", "base_url": "http://127.0.0.1:11434/v1"}
    assert defaults()["azure"] == {"protocol": "openai", "auth": "api-key"}


@pytest.mark.parametrize("words", [{"can": "tools flying"}, {"cannot": "flying"}])
def test_a_capability_that_nobody_knows_is_refused(words: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not a capability: flying"):
        model("m", LITELLM, **words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "model", "known"),
    [
        ("openai", "gpt-5.6-2026-03-05", "gpt-5.6"),
        ("openai", "gpt-6-luna-2026-09-01", "gpt-6-luna"),
        ("azure", "gpt-4o-2024-11-20", "gpt-4o"),
        ("anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"),
        ("vertex-anthropic", "claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("openai", "gpt-6-luna-mini", None),
        ("openai", "gpt-6-luna-2026-09-01-preview", None),
        ("openai", "gpt-6-2026-09-01", None),
        ("anthropic", "claude-haiku-4-5@20251001", None),
        ("anthropic", "claude-haiku-5-20261001", None),
        ("deepseek", "deepseek-flash-20261017", None),
        ("openai", "-2026-09-01", None),
    ],
)
def test_a_model_as_it_was_on_a_day_is_known_where_the_vendor_names_it_so(
    name: str, model: str, known: str | None
) -> None:
    found = row(name).model(model)
    assert (found.name if found else None) == known


@pytest.mark.parametrize(
    ("name", "model", "can", "cannot"),
    [
        ("deepseek", "deepseek-v4-pro", "tools reasoning", "images files json_schema"),
        ("deepseek", "deepseek-flash", "tools images reasoning", "json_schema"),
        ("qwen", "qwen3.7-max", "tools json_schema reasoning", "images"),
        ("zhipu", "glm-5.3", "tools json_schema reasoning:always", "images forced_tool_choice"),
        ("zhipu", "glm-of-tomorrow", "", "forced_tool_choice json_schema"),
        ("moonshot", "kimi-k3", "tools images prefill reasoning:always", "sampling"),
        ("openai", "gpt-6.1-sol", "tools images json_schema reasoning:always", "sampling"),
        ("openai", "gpt-of-tomorrow", "", ""),
        (
            "anthropic",
            "claude-sonnet-5-5",
            "tools images json_schema reasoning:always",
            "prefill forced_tool_choice sampling",
        ),
        ("anthropic", "claude-haiku-5-5", "tools images json_schema reasoning", "prefill sampling"),
        ("anthropic", "claude-haiku-4-5", "tools images prefill json_schema reasoning", ""),
        ("gemini", "gemini-3.8-flash", "tools images json_schema reasoning:always", "prefill sampling"),
        ("gemini", "gemini-2.5-flash", "", "prefill"),
        ("minimax", "MiniMax-M2.7", "tools reasoning:always", "images files prefill json_schema"),
        ("groq", "openai/gpt-oss-120b", "tools json_schema reasoning:always", "images files"),
        ("vllm", "anything", "", ""),
    ],
)
def test_what_a_model_can_and_cannot_do_comes_from_its_row_and_its_dialect(
    name: str, model: str, can: str, cannot: str
) -> None:
    known = row(name).capabilities(model)
    assert (" ".join(abilities(known)), " ".join(inabilities(known))) == (can, cannot)


@pytest.mark.parametrize("name", ROWS)
def test_of_a_model_that_nobody_knows_nothing_is_lacking_that_would_be_sent(name: str) -> None:
    """What a dialect lets through is not held back for want of a row."""
    lacks, dialect = row(name).capabilities("of-tomorrow").lacks, spoken(name, "of-tomorrow")
    assert Ability.TOOLS not in lacks
    assert (Ability.IMAGES in lacks) == (not dialect.images)


SAID = Capabilities(
    tools=False, images=True, files=True, json_schema=True, forced_tool_choice=True, reasoning=Reasoning.NONE
)


def test_an_operator_knows_better_than_a_dialect() -> None:
    wire = row("zhipu").wire("zhipu", None, {"glm-5.3": SAID})
    assert isinstance(wire, OpenAI)
    assert wire.dialect_of is not None
    dialect = wire.dialect_of("glm-5.3")
    assert not dialect.tools
    assert dialect.images
    assert dialect.json_schema
    assert ToolChoice.REQUIRED in dialect.tool_choices
    assert not dialect.always_thinks
    assert wire.dialect_of("glm-5.3-flash") == row("zhipu").dialect_of("glm-5.3-flash")


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini"])
def test_every_protocol_takes_what_an_operator_says(name: str) -> None:
    blind = corrected(spoken(name, "of-tomorrow"), Capabilities(images=False, json_schema=False))
    assert not blind.images
    assert not getattr(blind, "json_schema", getattr(blind, "json_form", True))
    assert corrected(blind, Capabilities()) is blind


def test_a_longest_answer_that_is_written_is_the_output_limit() -> None:
    wire = row("openai").wire("openai", None, {"mine": Capabilities(max_output_tokens=7)})
    assert isinstance(wire, OpenAI)
    assert wire.dialect_of is not None
    assert wire.dialect_of("mine").max_tokens_most == 7


def test_prices_are_exact() -> None:
    assert str(usd(0.388126, 0.1).input) == "0.388126"
    assert usd(1).output is None


def test_the_table_has_a_line_for_each_model_and_fits_together() -> None:
    lines = overview(ROWS.values()).splitlines()
    assert len(lines) == 1 + sum(max(1, len(row.models)) for row in ROWS.values())
    (line,) = (line for line in lines if line.startswith("deepseek/deepseek-flash "))
    assert line.split()[1:7] == ["1,000,000", "393,216", "0.3", "0.006", "0.3", "1.2"]
    assert line.index("1,000,000") == lines[0].index("window")


def test_one_row_in_detail_tells_where_else_it_is_and_what_long_questions_cost() -> None:
    told = detail(ROWS["qwen"])
    assert "  elsewhere  https://dashscope-us.aliyuncs.com/compatible-mode/v1" in told
    assert "qwen3.7-plus  256,000 tokens          1.2     –       –      4.8" in told
    assert "one of your own" in detail(ROWS["azure"])


QUOTA, RATE, OVERLOADED = pb.FAILURE_KIND_QUOTA_EXHAUSTED, pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_OVERLOADED
BILLING, FILTERED = pb.FAILURE_KIND_BILLING, pb.FAILURE_KIND_CONTENT_FILTERED
TOO_LONG, NOT_FOUND = pb.FAILURE_KIND_CONTEXT_TOO_LONG, pb.FAILURE_KIND_MODEL_NOT_FOUND
CREDENTIALS, INVALID = pb.FAILURE_KIND_BAD_CREDENTIALS, pb.FAILURE_KIND_INVALID_REQUEST
PERMISSION, REJECTED = pb.FAILURE_KIND_PERMISSION, pb.FAILURE_KIND_REJECTED_PARAMETER


@pytest.mark.parametrize(
    ("name", "status", "error", "kind"),
    [
        ("openai", 429, '"code":"insufficient_quota"', QUOTA),
        ("qwen", 429, '"code":"insufficient_quota"', RATE),
        ("qwen", 429, '"code":"Throttling.AllocationQuota"', RATE),
        ("qwen", 403, '"code":"AllocationQuota.FreeTierOnly"', BILLING),
        ("qwen", 400, '"code":"Arrearage"', BILLING),
        *(("zhipu", 429, f'"code":"{code}"', QUOTA) for code in (1304, 1308, 1309, 1310, *range(1316, 1322))),
        *(("zhipu", 429, f'"code":"{code}"', RATE) for code in (1302, 1303, 1312)),
        ("zhipu", 429, '"code":"1305"', OVERLOADED),
        ("zhipu", 429, '"code":"1113"', BILLING),
        ("zhipu", 400, '"code":"1261"', TOO_LONG),
        ("zhipu", 400, '"code":"1301"', FILTERED),
        ("zhipu", 400, '"code":"1211"', NOT_FOUND),
        ("zhipu", 400, '"code":"1214"', INVALID),
        ("zhipu", 200, '"code":"1003"', CREDENTIALS),
        ("openai", 429, '"code":"1308"', RATE),
        ("mistral", 400, '"code":"1301"', INVALID),
        ("moonshot", 429, '"type":"exceeded_current_quota_error"', QUOTA),
        ("moonshot", 429, '"type":"engine_overloaded_error"', OVERLOADED),
        ("moonshot", 429, '"type":"rate_limit_reached_error"', RATE),
        ("doubao", 429, '"code":"SetLimitExceeded"', QUOTA),
        ("doubao", 429, '"code":"QuotaExceeded"', QUOTA),
        ("doubao", 429, '"code":"ModelAccountTpmRateLimitExceeded"', RATE),
        ("doubao", 429, '"code":"ServerOverloaded"', OVERLOADED),
        ("qianfan", 429, '"code":"coding_plan_hour_quota_exceeded"', QUOTA),
        ("qianfan", 429, '"code":"tpm_rate_limit_exceeded"', RATE),
        ("qianfan", 403, '"code":"account_overdue"', BILLING),
        ("deepseek", 402, '"code":"invalid_request_error"', BILLING),
        ("xai", 400, '"message":"Incorrect API key provided"', CREDENTIALS),
        ("gemini", 429, '"message":"Quota exceeded for metric: x, limit: 0, model: y"', QUOTA),
        ("gemini", 429, '"message":"Quota exceeded for metric: x, limit: 10, model: y"', RATE),
        ("azure", 403, '"message":"Token quota is exceeded. Try again in 9 days."', QUOTA),
        ("openrouter", 402, '"code":402', BILLING),
        ("openrouter", 402, '"code":402,"metadata":{"limit_source":"openrouter_in_flight_budget"}', RATE),
        ("openrouter", 403, '"code":403', FILTERED),
        ("litellm", 422, '"type":"budget_exceeded"', QUOTA),
        ("litellm", 400, '"type":"budget_exceeded"', QUOTA),
        ("litellm", 400, '"type":"no_db_connection"', CREDENTIALS),
        ("litellm", 401, '"type":"token_not_found_in_db"', CREDENTIALS),
        ("litellm", 401, '"type":"expired_key"', CREDENTIALS),
        ("litellm", 401, '"type":"auth_error"', CREDENTIALS),
        ("litellm", 401, '"type":"authentication_error","message":"litellm.AuthenticationError: x"', PERMISSION),
        ("litellm", 401, '"type":"key_model_access_denied"', PERMISSION),
        ("litellm", 402, '"type":"invalid_request_error","message":"litellm.APIError: x"', QUOTA),
        ("litellm", 400, '"message":"/chat/completions: Invalid model name passed in model=x."', NOT_FOUND),
        ("litellm", 400, '"message":"litellm.ContextWindowExceededError: x"', TOO_LONG),
        ("litellm", 400, '"message":"litellm.ContentPolicyViolationError: x"', FILTERED),
        ("litellm", 400, '"message":"litellm.UnsupportedParamsError: x"', REJECTED),
        ("litellm", 408, '"type":"invalid_request_error","message":"litellm.Timeout: x"', OVERLOADED),
        ("litellm", 429, '"type":"throttling_error"', RATE),
        ("groq", 498, '"code":"capacity_exceeded"', OVERLOADED),
        ("groq", 404, '"code":"model_decommissioned"', NOT_FOUND),
    ],
)
def test_a_code_means_what_it_means_to_its_vendor(
    name: str, status: int, error: str, kind: pb.FailureKind.ValueType
) -> None:
    failure = row(name).wire(name).failure(status, {}, f'{{"error":{{{error}}}}}'.encode())
    assert failure.reason == pb.FailureKind.Name(kind).removeprefix("FAILURE_KIND_")


def test_what_stands_behind_litellm_says_how_long_to_wait_and_the_proxy_names_the_call() -> None:
    headers = {"llm_provider-retry-after": "7", "request-id": "the vendor's", "x-litellm-call-id": "ac57f426-1c4c"}
    failure = row("litellm").wire("litellm").failure(429, headers, b"")
    assert (failure.retry_after, failure.provider_request_id) == (7, "ac57f426-1c4c")


@pytest.mark.parametrize("read", [b"%s", b"data: %s\n\n", b"event: error\ndata: %s\n\n"])
def test_a_code_means_the_same_inside_an_answer(read: bytes) -> None:
    wire, body = row("zhipu").wire("zhipu"), read % b'{"error":{"code":"1302","message":"x"}}'
    with pytest.raises(Failure) as caught:
        if read == b"%s":
            wire.decode(body)
        else:
            wire.stream_decoder(pb.ChatRequest()).feed(body)
    assert caught.value.reason == "RATE_LIMITED"
