"""The blocks that messages are made of."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from service.simulator.anthropic.shape import CacheControl, Hosted, Id, OrText, Shape
from service.simulator.anthropic.sources import Address, PdfData, PictureData, PlainText, Uploaded


class Marked(Shape):
    """A block after which a cache may be asked for."""

    cache_control: CacheControl | None = None


class Text(Marked):
    """Words."""

    type: Literal["text"]
    text: str
    citations: list[object] | None = None


class Image(Marked):
    """A picture."""

    type: Literal["image"]
    source: Annotated[PictureData | Address | Uploaded, Field(discriminator="type")]
    transformations: object = None


class Content(Shape):
    """A document of blocks."""

    type: Literal["content"]
    content: Annotated[list[Annotated[Text | Image, Field(discriminator="type")]], OrText]


class Document(Marked):
    """Something to read."""

    type: Literal["document"]
    source: Annotated[PdfData | PlainText | Content | Address | Uploaded, Field(discriminator="type")]
    citations: object = None
    context: str | None = None
    title: str | None = None


class Thinking(Shape):
    """Thoughts that come back; others than Anthropic do not sign them."""

    type: Literal["thinking"]
    thinking: str
    signature: str | None = None


class Redacted(Shape):
    """Thoughts that nobody may read."""

    type: Literal["redacted_thinking"]
    data: str


class ToolUse(Marked):
    """A call of a tool."""

    type: Literal["tool_use"]
    id: Id
    name: str = Field(min_length=1, max_length=200)
    input: dict[str, object]
    caller: object = None
    toolset_name: str | None = None


def _kind(block: object) -> str:
    """The tag of a block: what Anthropic's own tools say is let pass, anything else has to be known."""
    if isinstance(block, Hosted):
        return "hosted"
    kind = block.get("type") if isinstance(block, Mapping) else getattr(block, "type", None)
    hosted = isinstance(kind, str) and (kind in _HOSTED or kind.endswith(("_tool_use", "_tool_result")))
    return "hosted" if hosted else str(kind)


_HOSTED = ("search_result", "tool_reference", "container_upload", "compaction", "fallback", "mid_conv_system")
_KIND = Discriminator(
    _kind,
    custom_error_type="unknown_block",
    custom_error_message="Input tag found using 'type' does not match any of the expected tags",
)
_Passing = Annotated[Hosted, Tag("hosted")]
_Said = Annotated[
    Annotated[Text, Tag("text")] | Annotated[Image, Tag("image")] | Annotated[Document, Tag("document")] | _Passing,
    _KIND,
]


class ToolResult(Marked):
    """What a tool returned."""

    type: Literal["tool_result"]
    tool_use_id: Id
    content: Annotated[list[_Said], OrText] | None = None
    is_error: bool | None = None
    toolset_name: str | None = None


Block: TypeAlias = Text | Image | Document | Thinking | Redacted | ToolUse | ToolResult | Hosted
Blocks = list[
    Annotated[
        Annotated[Text, Tag("text")]
        | Annotated[Image, Tag("image")]
        | Annotated[Document, Tag("document")]
        | Annotated[Thinking, Tag("thinking")]
        | Annotated[Redacted, Tag("redacted_thinking")]
        | Annotated[ToolUse, Tag("tool_use")]
        | Annotated[ToolResult, Tag("tool_result")]
        | _Passing,
        _KIND,
    ]
]
