"""Anthropic, those who serve its models, and vendors of others who speak its protocol beside OpenAI's."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from mainstay import v1 as pb
from service.providers.anthropic.dialect import Dialect, Thinking
from service.providers.catalog.china import DEEPSEEK, MOONSHOT, ZHIPU
from service.providers.catalog.row import ModelRow, Row, Source, model, usd
from service.providers.catalog.sources import LITELLM, READ, page
from service.providers.choices import ToolChoice
from service.providers.errors import ErrorTable

UNFORCED = frozenset({ToolChoice.AUTO, ToolChoice.NONE})
SAMPLING = frozenset({"temperature", "top_p", "top_k"})
_DAY = r"-20\d{6}"  # claude-haiku-4-5-20251001

_CLAUDE = Dialect(max_tokens=32_000, json_schema=True, display=True)  # all that still answer can say that much
_WITH_BUDGET = replace(_CLAUDE, thinking=Thinking.BUDGET, temperature_or_top_p=True)  # not both: [U]
_ADAPTIVE = replace(
    _CLAUDE,
    thinking=Thinking.ADAPTIVE,
    efforts=("low", "medium", "high", "max"),  # which words each of them knows is [U]
    prefill=False,
)
_UNSAMPLED = replace(_ADAPTIVE, drops=SAMPLING)
_ALWAYS_THINKS = replace(_UNSAMPLED, always_thinks=True, thinking_tool_choices=frozenset(ToolChoice))
_UNFORCED = replace(_ALWAYS_THINKS, tool_choices=UNFORCED)

_CLAUDES: Mapping[str, Dialect] = {
    "claude-sonnet-5-5*": _UNFORCED,
    "claude-opus-5-5*": _UNFORCED,
    "claude-fable-5-1*": _UNFORCED,
    "claude-mythos-5-1*": _UNFORCED,
    "claude-fable-*": _ALWAYS_THINKS,
    "claude-mythos-*": _ALWAYS_THINKS,
    "claude-*-4-6*": _ADAPTIVE,
    "claude-*-4-[015]*": _WITH_BUDGET,
    "claude-*-4-20*": _WITH_BUDGET,
    "claude-*-4@*": _WITH_BUDGET,
    "claude-3-7-*": _WITH_BUDGET,
    "claude-3*": replace(_CLAUDE, json_schema=False, max_tokens=4096),
}
"""All others, and those to come, are spoken to as the newest of those that can be told not to think."""

_MODELS = (
    model(
        "claude-opus-5-5",
        LITELLM,
        window=1_000_000,
        output=128_000,
        can="tools images json_schema reasoning",
        price=usd(4, 20, cached=0.2, write=5),
    ),
    model(
        "claude-sonnet-5-5",
        LITELLM,
        window=1_000_000,
        output=128_000,
        can="tools images json_schema reasoning",
        price=usd(2, 10, cached=0.1, write=2.5),
    ),
    model(
        "claude-haiku-5-5",
        LITELLM,
        window=1_000_000,
        output=128_000,
        can="tools images json_schema reasoning",
        price=usd(0.1, 0.5, cached=0.01, write=0.125),
        long=(100_000, usd(0.5, 2.5, cached=0.05, write=0.625)),  # all of them five times as much: PROVIDERS.md 3.8
    ),
    model(
        "claude-haiku-4-5",
        LITELLM,
        window=200_000,
        output=64_000,
        can="tools images prefill json_schema reasoning",
        price=usd(1, 5, cached=0.1, write=1.25),
    ),
    model(
        "claude-sonnet-4-5",
        page("3.8, 6"),
        can="tools images prefill json_schema reasoning",
        retires=date(2026, 11, 30),
    ),
)

ANTHROPIC = Row(
    name="anthropic",
    source=page("1, 3.8, 4, anthropic 2.10.0"),
    base_url="https://api.anthropic.com/v1",
    auth="x-api-key",
    dialect=_UNSAMPLED,
    dialects=_CLAUDES,
    models=_MODELS,
    dated=_DAY,
)

AZURE_ANTHROPIC = Row(
    name="azure-anthropic",
    source=Source("recordings anthropic/azure, learn.microsoft.com", READ),
    auth="x-api-key",  # [U]; base_url: https://RESOURCE.services.ai.azure.com/anthropic/v1
    dialect=_UNSAMPLED,
    dialects=_CLAUDES,
    models=_MODELS,  # a deployment has a name of its own: models.NAME.catalog; that prices are the same is [U]
    dated=_DAY,
)


def _on_vertex(dialect: Dialect) -> Dialect:
    """The model stands in the path, the version in the body."""
    return replace(
        dialect,
        path="/models/{model}:rawPredict",
        stream_path="/models/{model}:streamRawPredict",
        model_in_body=False,
        file_ids=False,  # [U]
        extra={"anthropic_version": "vertex-2023-10-16"},
    )


VERTEX_ANTHROPIC = Row(
    name="vertex-anthropic",
    source=Source("docs.anthropic.com/api/claude-on-vertex-ai, recordings anthropic/vertex", READ),
    # base_url: https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION/publishers/anthropic
    dialect=_on_vertex(_UNSAMPLED),
    dialects={pattern: _on_vertex(dialect) for pattern, dialect in _CLAUDES.items()},
    models=_MODELS,  # older ones are called NAME@DATE there; that prices are the same is [U]
    dated=r"[-@]20\d{6}",
)

_LOST = "."
"""For thoughts that another model had; that one dot is enough is [U]."""
_OTHERS = Dialect(  # what of the protocol is not named by their pages is [U]
    drops=frozenset({"top_k", "parallel_tool_calls", "tools.strict"}),
    image_urls=False,
    files=False,
    cache_control=False,
    thinks_by_default=True,
    signatures=False,
    thinking_drops=frozenset(),
    thinking_top_p_least=0.0,
)


def _in_words(models: tuple[ModelRow, ...]) -> tuple[ModelRow, ...]:
    """The same models, which are told of a schema in words here."""
    return tuple(replace(model, can=replace(model.can, json_schema=False)) for model in models)


_DEEPSEEK = replace(
    _OTHERS,
    temperature_most=2.0,
    thinking=Thinking.SWITCH,
    efforts=("low", "high", "max"),
    thinking_drops=frozenset({"temperature", "top_p", "top_k"}),  # ignored then
    thoughts_placeholder=_LOST,  # without any: 400 "content[].thinking … must be passed back"
)

DEEPSEEK_ANTHROPIC = Row(
    name="deepseek-anthropic",
    source=Source("api-docs.deepseek.com/guides/anthropic_api and thinking_mode", READ),
    base_url="https://api.deepseek.com/anthropic/v1",
    auth="x-api-key",
    dialect=_DEEPSEEK,
    dialects={"deepseek-v4-pro": replace(_DEEPSEEK, images=False)},
    models=_in_words(DEEPSEEK.models),
)

_KIMI = replace(
    _OTHERS,
    drops=_OTHERS.drops | SAMPLING,  # fixed
    tool_choices=UNFORCED | {ToolChoice.NAMED},
    thinking=Thinking.NONE,  # how it is told here is [U]
    thoughts_placeholder=_LOST,  # as at its other endpoint; here it is [U]
)

MOONSHOT_ANTHROPIC = Row(
    name="moonshot-anthropic",
    source=page("3.4"),
    base_url="https://api.moonshot.cn/anthropic/v1",
    elsewhere=("https://api.moonshot.ai/anthropic/v1",),
    dialect=_KIMI,  # auth as a bearer: [U]
    dialects={"kimi-k3*": replace(_KIMI, always_thinks=True), "kimi-k2.7-code*": replace(_KIMI, always_thinks=True)},
    models=_in_words(MOONSHOT.models),
)

_GLM = replace(_OTHERS, images=False, tool_choices=frozenset({ToolChoice.AUTO}), thinking=Thinking.SWITCH)

ZHIPU_ANTHROPIC = Row(
    name="zhipu-anthropic",
    source=page("3.3"),
    base_url="https://open.bigmodel.cn/api/anthropic/v1",
    elsewhere=("https://api.z.ai/api/anthropic/v1",),
    dialect=_GLM,  # auth as a bearer: [U]
    dialects={
        "glm-5.3-flash*": replace(_GLM, images=True),
        "glm-5v*": replace(_GLM, images=True),
        "glm-5.3*": replace(_GLM, always_thinks=True),
    },
    errors=ZHIPU.errors,
    models=_in_words(ZHIPU.models),
)

MINIMAX = Row(
    name="minimax",
    source=Source("platform.minimax.io/docs/api-reference/text-anthropic-api", READ),
    base_url="https://api.minimax.io/anthropic/v1",
    elsewhere=("https://api.minimaxi.com/anthropic/v1",),
    auth="x-api-key",
    dialect=replace(
        _OTHERS,
        drops=_OTHERS.drops | {"stop"},  # ignored
        images=False,
        always_thinks=True,
        signatures=True,
        thinking_tool_choices=frozenset(ToolChoice),
    ),
    errors=ErrorTable(
        words={pb.FAILURE_KIND_BILLING: "1008", pb.FAILURE_KIND_QUOTA_EXHAUSTED: "2056"},  # PROVIDERS.md 2.2
    ),
    models=(
        model(
            "MiniMax-M2.7",
            Source("platform.minimax.io; prices: genai-prices", READ),
            window=204_800,
            can="tools reasoning",
            cannot="images",
            price=usd(0.3, 1.2, cached=0.06, write=0.375),
        ),
    ),
)

MESSAGES = (
    ANTHROPIC,
    AZURE_ANTHROPIC,
    VERTEX_ANTHROPIC,
    DEEPSEEK_ANTHROPIC,
    MOONSHOT_ANTHROPIC,
    ZHIPU_ANTHROPIC,
    MINIMAX,
)
