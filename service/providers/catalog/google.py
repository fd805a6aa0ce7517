"""Google's models: its own API, the same in OpenAI's words, and Vertex, where everybody has a project of one's own."""

from dataclasses import replace
from datetime import date

from service.providers import openai
from service.providers.catalog.row import Row, model, usd
from service.providers.catalog.sources import LITELLM, page
from service.providers.gemini import Dialect, Thinking
from service.providers.gemini.error_table import GOOGLE
from service.providers.gemini.turns import PLACEHOLDER
from service.providers.openai.dialect import ReasoningStyle

_MODELS = (
    model(
        "gemini-3.8-flash",
        LITELLM,
        window=1_048_576,
        output=65_536,
        can="tools images json_schema reasoning",
        price=usd(0.75, 3.75, cached=0.075),
    ),
    model(
        "gemini-3.5-flash-lite",
        LITELLM,
        window=1_048_576,
        output=65_536,
        can="tools images json_schema reasoning",
        price=usd(0.3, 2.5, cached=0.03),
    ),
    model(
        "gemini-3.1-pro-preview",
        LITELLM,
        window=1_048_576,
        output=65_536,
        can="tools images json_schema reasoning",
        price=usd(2, 12, cached=0.2),
        long=(200_000, usd(4, 18, cached=0.4)),
    ),
    model(
        "gemini-4-argon",
        LITELLM,
        window=1_048_576,
        output=1_048_576,
        can="tools images json_schema reasoning",
        price=usd(2, 10, cached=0.1),
    ),
    model("gemini-3.1-flash-lite", page("3.9, 6"), retires=date(2027, 5, 7)),
)

_SAMPLING = frozenset({"temperature", "top_p", "top_k"})
_NEWEST = Dialect(drops=frozenset({"presence_penalty", "frequency_penalty"}))  # which models refuse them is [U]
_LITE = replace(_NEWEST, levels=("minimal", "low", "medium", "high"))  # that these know "minimal" is [U]
_2_5 = Dialect(signed_calls=False, json_with_tools=False, thinking=Thinking.BUDGET)  # json_with_tools: [U]
_OLD = replace(_2_5, thinking=Thinking.NONE, json_schemas=False)  # [U]

_DIALECTS = {
    "gemini-3.8-flash*": replace(_NEWEST, drops=_NEWEST.drops | _SAMPLING),
    "gemini-3.5-flash-lite*": replace(_LITE, drops=_LITE.drops | _SAMPLING),
    "gemini-3.1-flash-lite*": _LITE,
    "gemini-2.5-pro*": replace(_2_5, budget_least=128, budget_most=32_768),  # the limits are [U]
    "gemini-2.5-flash-image*": replace(_OLD, json_form=False),  # recorded: "JSON mode is not enabled"
    "gemini-2.5*": _2_5,
    "gemini-[12]*": _OLD,
}

GEMINI = Row(
    name="gemini",
    source=page("1, 3.9, 4, 6, google-genai 3.3.0"),
    base_url="https://generativelanguage.googleapis.com/v1beta",
    auth="x-goog-api-key",
    dialect=_NEWEST,
    dialects=_DIALECTS,
    errors=GOOGLE,
    models=_MODELS,
)

VERTEX = Row(
    name="vertex",
    source=page("3.9, 4, recordings"),
    dialect=_NEWEST,  # base_url: https://REGION-aiplatform.googleapis.com/v1/projects/…/locations/REGION/publishers/google
    dialects=_DIALECTS,
    errors=GOOGLE,
    models=_MODELS,
)

_IN_OPENAIS_WORDS = openai.Dialect(
    stop_most=5,
    reasoning=ReasoningStyle.EFFORT,
    efforts=("low", "medium", "high"),  # [U] on this endpoint
    always_thinks=True,  # most of 3.x
    thinks_by_default=True,
    unsigned_call={"extra_content": {"google": {"thought_signature": PLACEHOLDER}}},  # that it is known here is [U]
)
_UNSAMPLED = replace(_IN_OPENAIS_WORDS, drops=frozenset({"temperature", "top_p"}))

GEMINI_OPENAI = Row(
    name="gemini-openai",
    source=page("1, 3.9, ai.google.dev"),
    base_url="https://generativelanguage.googleapis.com/v1beta/openai",  # unknown parameters are ignored there
    dialect=_IN_OPENAIS_WORDS,
    dialects={"gemini-3.8-flash*": _UNSAMPLED, "gemini-3.5-flash-lite*": _UNSAMPLED},
    errors=GOOGLE,
    models=_MODELS,
)

GOOGLES = (GEMINI, GEMINI_OPENAI, VERTEX)
