"""Servers that one runs oneself; what their models can do depends on what was loaded."""

from service.providers.catalog.row import Row
from service.providers.catalog.sources import page
from service.providers.openai.dialect import Dialect, ReasoningStyle

OLLAMA = Row(
    name="ollama",
    source=page("1, 3.13, ollama 0.6.3"),
    base_url="http://127.0.0.1:11434/v1",
    auth="none",
    dialect=Dialect(
        image_urls=False,
        tool_choices=frozenset(),  # of its native protocol; [U] on /v1
    ),
)

VLLM = Row(
    name="vllm",
    source=page("1, 3.18, docs.vllm.ai"),
    base_url="http://127.0.0.1:8000/v1",
    auth="none",  # a bearer key where it was started with --api-key
    dialect=Dialect(top_k=True, reasoning=ReasoningStyle.TEMPLATE),
)

OWN = (OLLAMA, VLLM)
