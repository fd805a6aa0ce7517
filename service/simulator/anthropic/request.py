"""The shape of a request."""

from typing import Annotated, Literal

from pydantic import Field

from service.simulator.anthropic.blocks import Blocks, Text
from service.simulator.anthropic.offers import AnyTool, Choice
from service.simulator.anthropic.shape import CacheControl, OrText, Shape


class Said(Shape):
    """A message."""

    role: Literal["user", "assistant", "system"]
    content: Annotated[Blocks, OrText]
    clear_at: object = None
    effort: object = None


class _Thinking(Shape):
    display: Literal["summarized", "omitted", "updates"] | None = None
    block_binding: object = None


class Enabled(_Thinking):
    """Within a budget, which vendors of other models do without."""

    type: Literal["enabled"]
    budget_tokens: int | None = None


class Adaptive(_Thinking):
    """As much as it takes."""

    type: Literal["adaptive"]


class Off(Shape):
    """Not at all, or only when a tool has answered."""

    type: Literal["disabled", "between_tools"]


class JsonSchema(Shape):
    """What the answer has to look like."""

    type: Literal["json_schema"]
    schema_: dict[str, object] = Field(alias="schema")


class OutputConfig(Shape):
    """How to answer."""

    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: JsonSchema | None = None
    task_budget: object = None


class Metadata(Shape):
    """For whom."""

    user_id: str | None = None


class Request(Shape):
    """A whole request; what is not looked at any closer is an object."""

    model: str | None = Field(None, min_length=1)
    messages: list[Said]
    max_tokens: int = Field(ge=0)
    system: Annotated[list[Text], OrText] | None = None
    metadata: Metadata | None = None
    stop_sequences: list[str] | None = None
    stream: bool | None = None
    temperature: float | None = Field(None, ge=0, le=1)
    top_p: float | None = Field(None, ge=0, le=1)
    top_k: int | None = Field(None, ge=0)
    thinking: Annotated[Enabled | Adaptive | Off, Field(discriminator="type")] | None = None
    tools: list[AnyTool] | None = None
    tool_choice: Choice | None = None
    output_config: OutputConfig | None = None
    output_format: JsonSchema | None = None
    cache_control: CacheControl | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    speed: Literal["standard", "fast"] | None = None
    mcp_servers: list[object] | None = None
    anthropic_version: str | None = None
    anthropic_beta: list[str] | None = None
    billing_policy: object = None
    compaction: object = None
    container: object = None
    context_management: object = None
    diagnostics: object = None
    fallback_credit_token: object = None
    fallbacks: object = None
    inference_geo: str | None = None
    thread: object = None

    @property
    def schema_asked(self) -> dict[str, object] | None:
        """What the answer's JSON has to look like."""
        asked = (self.output_config and self.output_config.format) or self.output_format
        return asked.schema_ if asked else None
