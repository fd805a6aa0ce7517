"""In what a vendor's speech differs from the protocol as most vendors speak it.

A vendor is a value of `Dialect`, which stands in the catalog; nothing below knows a vendor by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from service.chat.capabilities import Capabilities, Reasoning
from service.providers.call_ids import IdShape
from service.providers.choices import EFFORTS, FORCED, ToolChoice

DROPPABLE = frozenset(
    {
        "end_user",
        "frequency_penalty",
        "max_output_tokens",
        "messages.name",
        "parallel_tool_calls",
        "presence_penalty",
        "response_format.json_schema.strict",
        "seed",
        "stop",
        "temperature",
        "tool_choice",
        "tools.strict",
        "top_p",
    }
)
"""What of a request can be left out without changing what is asked."""


class ReasoningStyle(Enum):
    """How a model is told how much to think; beside a switch `reasoning_effort` is said if `efforts` has words."""

    NONE = "none"
    """It cannot be told."""
    EFFORT = "effort"
    """`reasoning_effort: low`, and nothing else."""
    THINKING = "thinking"
    """`thinking: {type: enabled | disabled}`."""
    ENABLE_THINKING = "enable_thinking"
    """`enable_thinking: true | false`."""
    OBJECT = "object"
    """`reasoning: {effort | max_tokens | enabled | exclude}`; the efforts stand in there."""
    TEMPLATE = "template"
    """`chat_template_kwargs: {enable_thinking: true | false}`."""


class ReasoningBack(Enum):
    """Whether the model's earlier thoughts are said to it again, as text."""

    NEVER = "never"
    TOOL_TURNS = "tool_turns"
    """Only with the tool calls that they led to."""
    ALWAYS = "always"


class EmptyContent(Enum):
    """What stands for the text of an assistant turn that only calls tools."""

    EMPTY = "empty"
    NULL = "null"
    ABSENT = "absent"


class ImageIds(Enum):
    """How a picture is named that was uploaded before."""

    NO = "no"
    FILE = "file"
    """`{type: file, file: {file_id}}`."""
    URL = "url"
    """`{type: image_url, image_url: {url: id}}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One vendor's way of speaking the protocol; the defaults are what most of them take.

    Whatever a dialect drops, clamps or weakens is reported as an adjustment. Raises ValueError for a field that
    cannot be dropped and an effort that nobody knows.
    """

    # Numbers and texts that steer the sampling.

    drops: frozenset[str] = frozenset()
    """Paths out of DROPPABLE that the vendor refuses or ignores."""
    max_tokens_field: str = "max_tokens"
    """Name of the output limit. OpenAI's own reasoning models take `max_completion_tokens` only."""
    max_tokens_most: int | None = None
    """The highest output limit, in tokens."""
    temperature_least: float = 0.0
    temperature_most: float = 2.0
    top_p_least: float = 0.0
    top_p_most: float = 1.0
    top_k: bool = False
    """`top_k` is known; the protocol itself has no such parameter."""
    seed_field: str = "seed"
    """Name of the seed; Mistral's is `random_seed`."""
    stop_most: int = 16
    """How many stop texts; those beyond are dropped."""
    stop_bytes: int | None = None
    """The longest stop text, in bytes of UTF-8; longer ones are dropped."""
    end_user_field: str = "user"
    """Name of the person's id, `user_id` for some; empty: there is none."""
    end_user_least: int = 0
    end_user_most: int = 256
    """How many characters a person's id has; another is dropped."""

    # Messages.

    system_role: str = "system"
    """Name of the role of standing instructions, `system` or `developer`."""
    flatten_text: bool = False
    """Content is a string: several texts are joined by line ends. Pictures and files are then impossible."""
    empty_content: EmptyContent = EmptyContent.EMPTY
    """Some refuse null, others refuse empty text."""
    prefill_field: str = ""
    """Set to true on a last message that is the assistant's own and to be continued: `prefix`, `partial`."""
    images: bool = True
    image_urls: bool = True
    """Pictures may stay where they are; else only their bytes can be sent."""
    image_ids: ImageIds = ImageIds.NO
    tool_images: bool = False
    """Pictures may stand in a tool's result; else they follow as a message of the user's."""
    files: bool = True
    file_urls: bool = False
    """`file_data` may be an address."""
    cache_control: bool = False
    """Breakpoints are said as `cache_control: {type: ephemeral}` on the part; else they are ignored, being hints."""
    reasoning_back: ReasoningBack = ReasoningBack.NEVER
    reasoning_back_field: str = "reasoning_content"
    """Where in an assistant message the thoughts go back."""
    reasoning_placeholder: str = ""
    """Said on a turn with tool calls whose thoughts are lost, where the vendor insists on some; empty: nothing."""

    call_ids: IdShape = field(default_factory=IdShape)
    """Which ids of tool calls are taken; others are made to fit."""
    unsigned_call: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """JSON that goes into the first call of a turn, unless the provider has signed it: another model made it."""

    # Tools.

    tools: bool = True
    tool_choices: frozenset[ToolChoice] = frozenset(ToolChoice)
    """A choice not among them becomes `auto`; without NONE the tools are left out where none may be called.

    Empty: `tool_choice` itself is unknown.
    """
    required_word: str = "required"
    """How to say that some tool must be called; `any` for some."""
    schema_drops: frozenset[str] = frozenset()
    """Keywords of JSON Schema that are refused in a tool's parameters, such as `minLength`."""

    # The form of the answer.

    json_object: bool = True
    json_schema: bool = True
    """A schema is understood; else it goes into a system message, and `json_object` is asked for if that is known."""
    json_word: bool = False
    """`json_object` is refused unless the conversation contains the word JSON; it is then added."""

    # Thinking.

    reasoning: ReasoningStyle = ReasoningStyle.NONE
    efforts: tuple[str, ...] = ()
    """Words out of EFFORTS that the vendor knows; others are moved to the next stronger one, else the next weaker."""
    budget_field: str = ""
    """Name of the budget in tokens at the top of the body, `thinking_budget`; empty: a budget becomes an effort.

    With ReasoningStyle.OBJECT the budget is always `max_tokens` in the object.
    """
    include_field: str = ""
    """Name of the switch for whether thoughts come back, such as `include_reasoning`."""
    always_thinks: bool = False
    """Thinking cannot be turned off: the weakest effort is asked for instead."""
    thinks_by_default: bool = False
    """A request that says nothing of reasoning makes it think."""
    thinking_drops: frozenset[str] = frozenset()
    """What is dropped as well while the model thinks."""
    thinking_tool_choices: frozenset[ToolChoice] = frozenset(ToolChoice)
    """What of `tool_choices` is left while the model thinks."""

    # The rest.

    stream_options: bool = True
    """A stream tells its usage only if asked with `stream_options`, and does not mind being asked."""
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """JSON that goes into every body."""
    extra_streamed_tools: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """JSON that goes into the body of a streamed request with tools, such as `tool_stream: true`."""
    think_tags: bool = False
    """Thoughts come back as `<think>…</think>` at the start of the text. For the decoder."""

    def __post_init__(self) -> None:
        if unknown := (self.drops | self.thinking_drops) - DROPPABLE:
            raise ValueError(f"cannot be dropped: {', '.join(sorted(unknown))}")
        if unknown := frozenset(self.efforts) - frozenset(EFFORTS):
            raise ValueError(f"not an effort: {', '.join(sorted(unknown))}")

    def of(self, can: Capabilities) -> "Dialect":
        """The same for a model of which that is known: its longest answer is the output limit."""
        return replace(self, max_tokens_most=self.max_tokens_most or can.max_output_tokens)

    def narrowed(self, can: Capabilities) -> Capabilities:
        """What is left of what a model can do if it is spoken to like this."""
        choices = self.tool_choices & self.thinking_tool_choices if self.always_thinks else self.tool_choices
        drops = self.drops | self.thinking_drops if self.always_thinks else self.drops
        return replace(
            can,
            tools=can.tools if self.tools else False,
            images=can.images if self.images and not self.flatten_text else False,
            files=can.files if self.files and not self.flatten_text else False,
            prefill=True if self.prefill_field else can.prefill,
            forced_tool_choice=can.forced_tool_choice if choices & FORCED else False,
            json_schema=can.json_schema if self.json_schema else False,
            sampling=can.sampling if "temperature" not in drops else False,
            reasoning=Reasoning.ALWAYS if self.always_thinks and can.thinks else can.reasoning,
        )
