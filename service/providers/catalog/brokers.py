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

_LITELLM_ERRORS = ErrorTable(
    words={
        # Without a database it knows no key but its own, and calls every other one HTTP 400.
        pb.FAILURE_KIND_BAD_CREDENTIALS: "no_db_connection token_not_found_in_db expired_key",
        # Its own key at the vendor of one model, HTTP 401: ours is good for the others; so it is where it may not ask.
        pb.FAILURE_KIND_PERMISSION: "authentication_error *_model_access_denied",
    },
    texts={  # all of them HTTP 400 and `invalid_request_error`
        pb.FAILURE_KIND_MODEL_NOT_FOUND: ("invalid model name passed in",),
        pb.FAILURE_KIND_CONTEXT_TOO_LONG: ("litellm.contextwindowexceedederror",),
        pb.FAILURE_KIND_CONTENT_FILTERED: ("litellm.contentpolicyviolationerror",),
        pb.FAILURE_KIND_REJECTED_PARAMETER: ("litellm.unsupportedparamserror",),  # what a model takes is its alias's
    },
    statuses={402: pb.FAILURE_KIND_QUOTA_EXHAUSTED},  # the vendor of one model; its own budget has a word
)

LITELLM_PROXY = Row(
    name="litellm",
    source=page("1, 3.14, litellm 1.109.1; errors: 1.106.2, asked by `make litellm`"),
    base_url="http://127.0.0.1:4000/v1",  # a proxy of one's own; its models are the aliases of its configuration
    errors=_LITELLM_ERRORS,
)

BROKERS = (OPENROUTER, THEROUTER, LITELLM_PROXY)
