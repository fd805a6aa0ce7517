"""Vendors in China; their prices are those of the page in US dollars, where there is one."""

from dataclasses import replace
from datetime import date

from mainstay import v1 as pb
from service.chat.peak import Peak
from service.providers.catalog.row import Row, model, usd
from service.providers.catalog.sources import LITELLM, page
from service.providers.choices import ToolChoice
from service.providers.errors.table import ErrorTable
from service.providers.openai.dialect import Dialect, ImageIds, ReasoningBack, ReasoningStyle

BILLING, QUOTA_EXHAUSTED = pb.FAILURE_KIND_BILLING, pb.FAILURE_KIND_QUOTA_EXHAUSTED
RATE_LIMITED, OVERLOADED = pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_OVERLOADED
CONTEXT_TOO_LONG, CONTENT_FILTERED = pb.FAILURE_KIND_CONTEXT_TOO_LONG, pb.FAILURE_KIND_CONTENT_FILTERED
MODEL_NOT_FOUND, INVALID_REQUEST = pb.FAILURE_KIND_MODEL_NOT_FOUND, pb.FAILURE_KIND_INVALID_REQUEST
BAD_CREDENTIALS = pb.FAILURE_KIND_BAD_CREDENTIALS

SAMPLING = frozenset({"temperature", "top_p", "presence_penalty", "frequency_penalty"})
UNFORCED = frozenset({ToolChoice.AUTO, ToolChoice.NONE})

_DEEPSEEK = Dialect(
    end_user_field="user_id",
    reasoning_back=ReasoningBack.TOOL_TURNS,
    reasoning_placeholder=" ",  # litellm's; without one: 400
    image_ids=ImageIds.FILE,
    json_schema=False,
    json_word=True,
    reasoning=ReasoningStyle.THINKING,
    efforts=("low", "high", "max"),
    thinks_by_default=True,
    thinking_drops=SAMPLING,
    thinking_tool_choices=UNFORCED,
)

_DEEPSEEK_PEAK = Peak(  # 9 to 12 and 14 to 18 in Beijing; holidays there are no peak, which nobody lists in advance
    weekdays=frozenset(range(5)), hours=((1, 4), (6, 10)), otherwise_percent=50
)

DEEPSEEK = Row(
    name="deepseek",
    source=page("1, 3.1, api-docs.deepseek.com"),
    base_url="https://api.deepseek.com",
    elsewhere=("https://api.deepseek.com/beta",),  # prefix completion, strict tools
    dialect=_DEEPSEEK,
    dialects={"deepseek-v4-pro": replace(_DEEPSEEK, flatten_text=True, images=False)},
    models=(  # what was not in the cache costs the same whether it is put there or not: litellm's 0 is no surcharge
        model(
            "deepseek-flash",
            LITELLM,
            window=1_000_000,
            output=393_216,
            can="tools images reasoning",
            price=usd(0.3, 1.2, cached=0.006, write=0.3),
            peak=_DEEPSEEK_PEAK,
        ),
        model(
            "deepseek-v4-pro",
            LITELLM,
            window=1_000_000,
            output=393_216,
            can="tools reasoning",
            cannot="images",
            price=usd(1.32, 3.96, cached=0.044, write=1.32),
            peak=_DEEPSEEK_PEAK,
        ),
    ),
)

QWEN = Row(
    name="qwen",
    source=page("1, 3.2, help.aliyun.com"),
    base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",  # Beijing
    elsewhere=(
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        "https://dashscope-us.aliyuncs.com/compatible-mode/v1",
    ),
    dialect=Dialect(
        drops=frozenset({"frequency_penalty"}),  # 1.2 names the presence penalty only
        temperature_most=1.99,  # the range is [0, 2); the bound of each model is [U]
        tool_choices=UNFORCED | {ToolChoice.NAMED},  # "required" is [U]
        json_word=True,
        cache_control=True,
        reasoning=ReasoningStyle.ENABLE_THINKING,
        budget_field="thinking_budget",
        thinks_by_default=True,  # so do 3.5 and later; older ones do not
    ),
    errors=ErrorTable(
        words={RATE_LIMITED: "insufficient_quota"},  # here it is the limit of a minute
    ),
    models=(
        model(
            "qwen3.8-max",
            LITELLM,
            window=991_808,
            output=131_072,
            can="tools images json_schema reasoning",
            price=usd(2, 6, cached=0.25),
        ),
        model(
            "qwen3.8-flash",
            LITELLM,
            window=991_808,
            output=131_072,
            can="tools images json_schema reasoning",
            price=usd(0.15, 0.47, cached=0.016, write=0.2),
        ),
        model(
            "qwen3.7-max",
            LITELLM,
            window=991_808,
            output=65_536,
            can="tools json_schema reasoning",
            cannot="images",  # the table says of its siblings that they see
            price=usd(2.5, 7.5, cached=0.5, write=3.125),
        ),
        model(
            "qwen3.7-plus",
            LITELLM,
            window=991_808,
            output=65_536,
            can="tools images json_schema reasoning",
            price=usd(0.4, 1.6),
            long=(256_000, usd(1.2, 4.8)),
        ),
        model(
            "qwen3.5-plus",
            LITELLM,
            window=991_808,
            output=65_536,
            can="tools images reasoning",
            price=usd(0.4, 2.4),
            long=(256_000, usd(0.5, 3)),
        ),
    ),
)

_GLM = Dialect(
    drops=frozenset({"presence_penalty", "frequency_penalty", "messages.name", "tools.strict", "seed"}),  # seed: [U]
    max_tokens_most=131_072,
    temperature_most=1.0,
    top_p_least=0.01,
    stop_most=1,
    end_user_field="user_id",
    end_user_least=6,
    end_user_most=128,
    tool_choices=frozenset({ToolChoice.AUTO}),
    json_schema=False,
    reasoning=ReasoningStyle.THINKING,
    thinks_by_default=True,
    extra_streamed_tools={"tool_stream": True},
)

ZHIPU = Row(
    name="zhipu",
    source=page("1, 3.3, official OpenAPI and zai-sdk 0.2.3"),
    base_url="https://open.bigmodel.cn/api/paas/v4",
    elsewhere=("https://api.z.ai/api/paas/v4", "https://open.bigmodel.cn/api/coding/paas/v4"),
    dialect=_GLM,
    dialects={
        "glm-5.3": replace(_GLM, images=False, json_schema=True, efforts=("low", "high", "max"), always_thinks=True),
        "glm-5.3-*": replace(_GLM, efforts=("low", "high", "max")),
        "glm-5.2*": replace(_GLM, efforts=("high", "max")),  # none and minimal turn it off, low and medium are high
    },
    errors=ErrorTable(  # numbers without a type, of which no other vendor can know
        words={
            BAD_CREDENTIALS: "1000 1001 1002 1003 1004 1005",
            BILLING: "1113",
            QUOTA_EXHAUSTED: "1304 1308 1309 1310 1316 1317 1318 1319 1320 1321",
            RATE_LIMITED: "1302 1303 1312",
            OVERLOADED: "1200 1230 1234 1305",
            CONTEXT_TOO_LONG: "1261",
            CONTENT_FILTERED: "1301",
            MODEL_NOT_FOUND: "1211",
            INVALID_REQUEST: "1210 1213 1214",
        }
    ),
    models=(  # prices of api.z.ai; in yuan at bigmodel.cn
        model(
            "glm-5.3",
            LITELLM,
            window=1_000_000,
            output=128_000,  # 131,072 in the vendor's own OpenAPI
            can="tools json_schema reasoning",
            cannot="images",
            price=usd(1.4, 4.4, cached=0.26, write=1.4),  # storing is free; what is stored was asked
        ),
        model(
            "glm-5.3-flash",
            LITELLM,
            window=1_048_576,
            output=128_000,
            can="tools images reasoning",
            price=usd(0.15, 0.5, cached=0.03, write=0.15),
        ),
    ),
)

_KIMI = Dialect(
    drops=SAMPLING,  # fixed; another value is a 400
    max_tokens_field="max_completion_tokens",
    stop_most=5,
    stop_bytes=32,
    image_ids=ImageIds.URL,  # ms://…
    prefill_field="partial",
    reasoning_back=ReasoningBack.TOOL_TURNS,
    reasoning_placeholder=" ",  # without one: 400 "reasoning_content is missing in assistant tool call message"
    tool_choices=UNFORCED | {ToolChoice.NAMED},
    thinking_tool_choices=UNFORCED,
    reasoning=ReasoningStyle.THINKING,
    thinks_by_default=True,
)
_KIMI_3 = replace(
    _KIMI,
    tool_choices=frozenset(ToolChoice),
    thinking_tool_choices=UNFORCED | {ToolChoice.REQUIRED},
    reasoning=ReasoningStyle.EFFORT,
    efforts=("low", "high", "max"),
    always_thinks=True,
)

MOONSHOT = Row(
    name="moonshot",
    source=page("1, 3.4, official OpenAPI"),
    base_url="https://api.moonshot.cn/v1",
    elsewhere=("https://api.moonshot.ai/v1",),
    dialect=_KIMI,
    dialects={"kimi-k3*": _KIMI_3, "kimi-k2.7-code*": replace(_KIMI, always_thinks=True)},
    models=(  # json_schema: the OpenAPI says yes, agentscope no; not known for sure
        model(
            "kimi-k3.1-pro",
            LITELLM,
            window=1_048_576,
            output=1_048_576,
            can="tools images reasoning",
            price=usd(2, 10, cached=0.2, write=2),
        ),
        model(
            "kimi-k3",
            LITELLM,
            window=1_048_576,
            output=1_048_576,
            can="tools images reasoning",
            price=usd(3, 15, cached=0.3, write=3),
        ),
        model(
            "kimi-k2.6",
            LITELLM,
            window=262_144,
            output=262_144,
            can="tools images reasoning",
            price=usd(0.95, 4, cached=0.16),
            retires=date(2026, 12, 31),
        ),
    ),
)

QIANFAN = Row(
    name="qianfan",
    source=page("1, 3.5, cloud.baidu.com/doc/qianfan"),
    base_url="https://qianfan.baidubce.com/v2",  # a key begins with bce-v3/
    dialect=Dialect(
        stop_most=4,  # [U]
        reasoning=ReasoningStyle.ENABLE_THINKING,
    ),
    dialects={
        pattern: Dialect(stop_most=4, reasoning=ReasoningStyle.THINKING)
        for pattern in ("deepseek-*", "kimi-*", "glm-*")
    },
    models=(  # ¥4 and ¥18 a million up to 32k of input: in yuan, so unknown here
        model("ernie-5.1", page("3.5, cloud.baidu.com"), window=128_000, output=65_536, can="tools reasoning"),
        model("deepseek-v4-flash-0731", page("1.1, 3.5, cloud.baidu.com"), can="tools reasoning"),
    ),
)

DOUBAO = Row(
    name="doubao",
    source=page("1, 3.6, volcengine-python-sdk 5.0.54"),
    base_url="https://ark.cn-beijing.volces.com/api/v3",
    elsewhere=("https://ark.ap-southeast.bytepluses.com/api/v3",),
    dialect=Dialect(
        stop_most=4,
        schema_drops=frozenset({"minLength", "maxLength", "minItems", "maxItems", "minContains", "maxContains"}),
        reasoning=ReasoningStyle.THINKING,
        thinks_by_default=True,  # [U]
        # Whether seed-2.x takes a tool_choice is open: the SDK's types allow it, litellm says no [U].
    ),
    models=(  # an endpoint (`ep-…`) does not tell its model: say it in the configuration, models.<ep-…>.catalog
        model(
            "doubao-seed-2-1-pro-260915",
            LITELLM,
            window=1_024_000,
            output=256_000,
            can="tools images reasoning",
            price=usd(0.8625, 4.3125, cached=0.1725),
        ),
        model(
            "doubao-seed-2-1-lite-260915",
            LITELLM,
            window=1_024_000,
            output=256_000,
            can="tools images reasoning",
            price=usd(0.115, 0.388126, cached=0.023),
        ),
    ),
)

CHINA = (DEEPSEEK, QWEN, ZHIPU, MOONSHOT, QIANFAN, DOUBAO)
