"""Vendors in America and Europe.

Of long questions LITELLM has the price of the input only; the others are those of genai-prices 0.2.3, which agrees on
the rest.
"""

from dataclasses import replace
from datetime import date

from mainstay import v1 as pb
from service.chat.counting import Vocabulary
from service.providers.call_ids import IdShape
from service.providers.catalog.row import Prices, Row, Source, model, usd
from service.providers.catalog.sources import LITELLM, READ, page
from service.providers.errors.table import ErrorTable
from service.providers.openai.dialect import Dialect, ReasoningStyle

QUOTA_EXHAUSTED = pb.FAILURE_KIND_QUOTA_EXHAUSTED

PENALTIES = frozenset({"presence_penalty", "frequency_penalty"})

_DAY = r"-20\d{2}-\d{2}-\d{2}"  # gpt-6-luna-2026-09-01: a snapshot, at the price of its model
_CALL_IDS = IdShape(most=40)  # 400 "string too long. Expected a string with maximum length 40"
_GPT = Dialect(
    drops=PENALTIES,
    call_ids=_CALL_IDS,
    max_tokens_field="max_completion_tokens",
    stop_most=4,
    reasoning=ReasoningStyle.EFFORT,
    efforts=("none", "low", "medium", "high", "xhigh", "max"),
    thinks_by_default=True,  # which effort holds where none is asked for is [U]
    thinking_drops=frozenset({"temperature", "top_p"}),
)
_GPT_ALWAYS_THINKS = replace(_GPT, efforts=_GPT.efforts[1:], always_thinks=True)
_GPT_4 = Dialect(max_tokens_field="max_completion_tokens", stop_most=4, call_ids=_CALL_IDS)

OPENAI = Row(
    name="openai",
    source=page("1, 3.7, openai 3.51.0"),
    base_url="https://api.openai.com/v1",
    dialect=_GPT,
    dialects={
        "gpt-6.1-sol*": _GPT_ALWAYS_THINKS,
        "gpt-6-astra*": _GPT_ALWAYS_THINKS,
        "gpt-5": replace(_GPT_ALWAYS_THINKS, efforts=("minimal", "low", "medium", "high")),  # [U]
        "gpt-5-*": replace(_GPT_ALWAYS_THINKS, efforts=("minimal", "low", "medium", "high")),  # [U]
        "gpt-4*": _GPT_4,
        "o[134]*": replace(
            _GPT_ALWAYS_THINKS,
            drops=PENALTIES | {"stop"},
            efforts=("low", "medium", "high"),  # efforts: [U]
        ),
    },
    models=(
        model(
            "gpt-6.1-sol",
            LITELLM,
            window=922_000,
            output=128_000,
            can="tools images json_schema reasoning",
            price=usd(2, 10, cached=0.1, write=2.5),
            long=(272_000, usd(4, 15, cached=0.2, write=5)),
        ),
        model(
            "gpt-6.1-terra",
            LITELLM,
            window=922_000,
            output=128_000,
            can="tools images json_schema reasoning",
            price=usd(1, 5, cached=0.05, write=1.25),
            long=(272_000, usd(2, 7.5, cached=0.1, write=2.5)),
        ),
        model(
            "gpt-6-luna",
            LITELLM,
            window=922_000,
            output=128_000,
            can="tools images json_schema reasoning",
            price=usd(0.1, 0.5, cached=0.01, write=0.125),
            long=(272_000, usd(0.2, 0.75, cached=0.02, write=0.25)),
        ),
        model(
            "gpt-5.6",
            LITELLM,
            window=922_000,
            output=128_000,
            can="tools images json_schema reasoning",
            price=usd(4, 20, cached=0.4, write=5),
            long=(272_000, usd(8, 30, cached=0.8, write=10)),
        ),
        *(
            model(name, page("3.7, 6"), retires=date(2026, 12, 11))
            for name in ("gpt-5", "gpt-5-mini", "gpt-5-nano", "o3")
        ),
        *(model(name, page("3.7, 6"), retires=date(2027, 1, 14)) for name in ("gpt-4.1", "gpt-4.1-mini", "gpt-4o")),
        *(model(name, page("3.7, 6"), retires=date(2027, 4, 1)) for name in ("gpt-5.1", "gpt-5.4-nano")),
    ),
    dated=_DAY,
    vocabularies={  # tiktoken 0.14.0 says which, recordings how much is added; of gpt-6 nobody has said anything
        **dict.fromkeys(("gpt-4o*", "gpt-4.1*"), Vocabulary("o200k", per_message=4, in_all=3)),
        **dict.fromkeys(("gpt-5*", "o1*", "o3*", "o4*"), Vocabulary("o200k", per_message=4, in_all=2)),
    },
)

AZURE = Row(
    name="azure",
    source=page("1, 3.15, learn.microsoft.com/azure/foundry/openai"),
    base_url="",  # https://{resource}.openai.azure.com/openai/v1; the model is the name of the deployment
    auth="api-key",
    dialect=_GPT,
    dialects=OPENAI.dialects,
    errors=ErrorTable(texts={QUOTA_EXHAUSTED: ("token quota is exceeded", "out of call volume quota")}),  # a 403 [U]
    models=tuple(replace(known, prices=Prices(), long_from=None, long_prices=Prices()) for known in OPENAI.models),
    dated=_DAY,
)

XAI = Row(
    name="xai",
    source=page("1, 3.10, docs.x.ai"),
    base_url="https://api.x.ai/v1",
    dialect=Dialect(
        max_tokens_field="max_completion_tokens",
        drops=PENALTIES | {"stop", "messages.name"},
        always_thinks=True,
        thinks_by_default=True,
        # `reasoning_effort` is for some models only, and which is not said: no model is told.
    ),
    models=(
        model(
            "grok-4.7",
            LITELLM,
            window=500_000,
            output=500_000,
            can="tools images json_schema reasoning",
            price=usd(2, 6, cached=0.5),  # another source: 0.3 cached
            long=(200_000, usd(4, 12, cached=1)),
        ),
        model(
            "grok-4.3",
            LITELLM,
            window=1_000_000,
            output=1_000_000,
            can="tools images json_schema reasoning",
            price=usd(1.25, 2.5, cached=0.2),
            long=(200_000, usd(2.5, 5, cached=0.4)),
        ),
    ),
)

MISTRAL = Row(
    name="mistral",
    source=page("1, 3.16, mistralai 3.7.0"),
    base_url="https://api.mistral.ai/v1",
    dialect=Dialect(
        temperature_most=1.5,
        seed_field="random_seed",
        call_ids=IdShape(letters="a-zA-Z0-9", least=9, most=9),  # [U] today; its own are like that in any case
        reasoning=ReasoningStyle.EFFORT,
        efforts=("none", "high"),
    ),
    models=(
        model(
            "mistral-large-4",
            Source(f"{LITELLM.where}; prices: docs.mistral.ai/inference/pricing, by genai-prices 0.2.3", READ),
            window=1_048_576,
            output=1_048_576,
            can="tools images json_schema reasoning",
            price=usd(0.7, 2.1, cached=0.07),  # since 29 October; litellm has those of the nine days before
        ),
        model(
            "mistral-medium-latest",
            LITELLM,
            window=262_144,
            output=262_144,
            can="tools images json_schema reasoning",
            price=usd(1.5, 7.5, cached=0.15),
        ),
        model(
            "mistral-small-latest",
            LITELLM,
            window=262_144,
            output=262_144,
            can="tools images json_schema reasoning",
            price=usd(0.15, 0.6, cached=0.015),
        ),
    ),
)

_GROQ = Dialect(
    drops=frozenset({"messages.name"}),
    max_tokens_field="max_completion_tokens",
    temperature_least=1e-8,
    stop_most=4,
    include_field="include_reasoning",
)

GROQ = Row(
    name="groq",
    source=page("1, 3.17, groq 1.7.0"),
    base_url="https://api.groq.com/openai/v1",
    dialect=_GROQ,
    dialects={
        "openai/gpt-oss-*": replace(
            _GROQ,
            flatten_text=True,
            images=False,
            reasoning=ReasoningStyle.EFFORT,
            efforts=("low", "medium", "high"),  # [U]
            always_thinks=True,  # [U]
            thinks_by_default=True,
        )
    },
    models=(
        model(
            "openai/gpt-oss-120b",
            LITELLM,
            window=131_072,
            output=65_536,
            can="tools json_schema reasoning",
            cannot="images",
            price=usd(0.15, 0.6, cached=0.075),
        ),
        model(
            "openai/gpt-oss-20b", page("1.1"), window=131_072, can="tools reasoning", cannot="images"
        ),  # window: its model card
        model(
            "qwen/qwen3.8-27b",
            LITELLM,
            window=131_072,
            output=16_384,
            can="tools images json_schema",
            price=usd(0.8, 4),
        ),
    ),
)

WEST = (OPENAI, AZURE, XAI, MISTRAL, GROQ)
