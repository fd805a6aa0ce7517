"""The shape of a request."""

from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from service.simulator.gemini.parts import Content
from service.simulator.gemini.schema import Schema
from service.simulator.gemini.shape import Free, Shape

_MODES = ("mode_unspecified", "auto", "any", "none", "validated")


def _mode(given: object) -> object:
    if isinstance(given, int) and 0 <= given < len(_MODES):
        return _MODES[given]
    if isinstance(given, str) and given.lower() in _MODES:
        return given.lower()
    raise PydanticCustomError("enum", "FunctionCallingConfig.Mode")


class FunctionDeclaration(Shape):
    """A function of the caller's."""

    name: str = Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$")
    description: str | None = None
    parameters: Schema | None = None
    parameters_json_schema: dict[str, object] | None = None
    response: Schema | None = None
    response_json_schema: Free = None
    behavior: Free = None


class Tool(Shape):
    """Functions of the caller's, or something of Google's own."""

    function_declarations: list[FunctionDeclaration] | None = None
    code_execution: Free = None
    computer_use: Free = None
    enterprise_web_search: Free = None
    exa_ai_search: Free = None
    file_search: Free = None
    google_maps: Free = None
    google_search: Free = None
    google_search_retrieval: Free = None
    mcp_servers: Free = None
    parallel_ai_search: Free = None
    retrieval: Free = None
    url_context: Free = None


class FunctionCallingConfig(Shape):
    """Whether functions may, must or must not be called."""

    mode: Annotated[str, BeforeValidator(_mode)] = "auto"
    allowed_function_names: list[str] | None = None
    stream_function_call_arguments: bool | None = None


class ToolConfig(Shape):
    """What to do with tools."""

    function_calling_config: FunctionCallingConfig = Field(default_factory=FunctionCallingConfig)
    retrieval_config: Free = None
    include_server_side_tool_invocations: bool | None = None


class ThinkingConfig(Shape):
    """How much to think, and whether to tell."""

    include_thoughts: bool = False
    thinking_budget: int | None = None
    thinking_level: str | int | None = None


class GenerationConfig(Shape):
    """How to answer."""

    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    top_k: float | None = None
    candidate_count: int = Field(1, ge=1, le=8)  # answered with one
    max_output_tokens: int | None = Field(None, ge=0)
    stop_sequences: list[str] = Field(default_factory=list)
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    response_mime_type: str = "text/plain"
    response_schema: Schema | None = None
    response_json_schema: Free = Field(
        None, validation_alias=AliasChoices("responseJsonSchema", "response_json_schema", "_responseJsonSchema")
    )
    response_format: Free = None
    response_logprobs: bool | None = None
    logprobs: int | None = None
    response_modalities: Free = None
    thinking_config: ThinkingConfig = Field(default_factory=ThinkingConfig)
    audio_timestamp: Free = None
    audio_transcription_config: Free = None
    enable_affective_dialog: Free = None
    enable_enhanced_civic_answers: Free = None
    image_config: Free = None
    media_resolution: Free = None
    model_config_: Free = Field(None, validation_alias=AliasChoices("modelConfig", "model_config"))
    model_selection_config: Free = None
    output_config: Free = None
    routing_config: Free = None
    speech_config: Free = None
    translation_config: Free = None


class Request(Shape):
    """A whole request; what is not looked at any closer is an object."""

    contents: list[Content] = Field(default_factory=list)
    model: str | None = None
    system_instruction: Content | None = None
    tools: list[Tool] = Field(default_factory=list)
    tool_config: ToolConfig = Field(default_factory=ToolConfig)
    generation_config: GenerationConfig = Field(default_factory=GenerationConfig)
    safety_settings: Free = None
    cached_content: str | None = None
    continuation_token: Free = None
    labels: Free = None
    model_armor_config: Free = None
    service_tier: Free = None
    store: Free = None
