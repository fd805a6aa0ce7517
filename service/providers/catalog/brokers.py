"""Those who pass requests on to the models of others, which they name brand/model; only their own parts are known."""

from mainstay import v1 as pb
from service.providers.catalog.row import Row
from service.providers.catalog.sources import page
from service.providers.errors.table import ErrorTable
from service.providers.openai.dialect import Dialect, ReasoningStyle

_ROUTER_ERRORS = ErrorTable(statuses={403: pb.FAILURE_KIND_CONTENT_FILTERED})  # a 403 is their moderation

OPENROUTER = Row(
    name="openrouter",
    source=page("1, 3.11, openrouter.ai/docs"),
    base_url="https://openrouter.ai/api/v1",
    dialect=Dialect(
        reasoning=ReasoningStyle.OBJECT,
        efforts=("low", "medium", "high"),  # which words it knows beside these is [U]
    ),
    errors=_ROUTER_ERRORS,
)

THEROUTER = Row(
    name="therouter",
    source=page("1, 3.12, therouter.ai/docs"),
    base_url="https://api.therouter.ai/v1",
    errors=_ROUTER_ERRORS,  # its own are not documented [U]; /api/v1 mirrors OpenRouter
)

LITELLM_PROXY = Row(
    name="litellm",
    source=page("1, 3.14, litellm 1.109.1"),
    base_url="http://127.0.0.1:4000/v1",  # a proxy of one's own; its models are the aliases of its configuration
)

BROKERS = (OPENROUTER, THEROUTER, LITELLM_PROXY)
