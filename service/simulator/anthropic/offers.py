"""The shapes of tools and of what must be done with them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from service.simulator.anthropic.shape import CacheControl, Hosted, Shape


def _of_object(schema: dict[str, object]) -> dict[str, object]:
    if schema.get("type") != "object":
        raise PydanticCustomError("literal_error", "type: Input should be 'object'")
    return schema


class Tool(Shape):
    """A function of the caller's."""

    type: Literal["custom"] | None = None
    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,128}$")
    description: str | None = None
    input_schema: Annotated[dict[str, object], AfterValidator(_of_object)]
    cache_control: CacheControl | None = None
    strict: bool | None = None
    allowed_callers: list[str] | None = None
    defer_loading: bool | None = None
    eager_input_streaming: bool | None = None
    input_examples: list[dict[str, object]] | None = None


def _kind(tool: object) -> str:
    kind = tool.get("type") if isinstance(tool, Mapping) else getattr(tool, "type", None)
    return "hosted" if isinstance(kind, str) and kind != "custom" else "custom"


AnyTool = Annotated[Annotated[Tool, Tag("custom")] | Annotated[Hosted, Tag("hosted")], Discriminator(_kind)]


class _Parallel(Shape):
    disable_parallel_tool_use: bool | None = None


class Auto(_Parallel):
    """As the model likes."""

    type: Literal["auto"]


class Any(_Parallel):
    """At least one."""

    type: Literal["any"]


class Named(_Parallel):
    """Just this one."""

    type: Literal["tool"]
    name: str


class Nothing(Shape):
    """None at all."""

    type: Literal["none"]


Choice = Annotated[Auto | Any | Named | Nothing, Field(discriminator="type")]
