"""The parts that contents are made of."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from service.simulator.gemini.shape import Bytes, Free, Shape
from service.simulator.images import is_picture

DATA = (
    "text",
    "inline_data",
    "file_data",
    "function_call",
    "function_response",
    "executable_code",
    "code_execution_result",
    "tool_call",
    "tool_response",
)
"""Of these a part has one."""


class InlineData(Shape):
    """Something that was sent along."""

    mime_type: str
    data: Bytes
    display_name: str | None = None


class FileData(Shape):
    """Something at an address, which is not fetched."""

    file_uri: str
    mime_type: str | None = None
    display_name: str | None = None


class FunctionCall(Shape):
    """A call of a function."""

    name: str
    args: dict[str, object] = Field(default_factory=dict)
    id: str | None = None
    partial_args: Free = None
    will_continue: bool | None = None


class FunctionResponse(Shape):
    """What a function returned."""

    name: str
    response: dict[str, object] = Field(default_factory=dict)
    id: str | None = None
    parts: list[Free] | None = None
    will_continue: bool | None = None
    scheduling: Free = None


def _pictured(inline: InlineData) -> InlineData:
    """Pictures are looked at; what else there is, is not."""
    known = inline.mime_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
    if known and not is_picture(inline.data):
        raise PydanticCustomError("image", "Unable to process input image")
    return inline


class Part(Shape):
    """One of the data, what goes with it, and the signature of the thoughts that led to it."""

    text: str | None = None
    inline_data: Annotated[InlineData, AfterValidator(_pictured)] | None = None
    file_data: FileData | None = None
    function_call: FunctionCall | None = None
    function_response: FunctionResponse | None = None
    executable_code: Free = None
    code_execution_result: Free = None
    tool_call: Free = None
    tool_response: Free = None
    thought: bool | None = None
    thought_signature: Bytes | None = None
    video_metadata: Free = None
    media_resolution: Free = None
    part_metadata: Free = None
    audio_transcription: Free = None
    media_processing: Free = None
    speech_metadata: Free = None


class Content(Shape):
    """A message."""

    role: str | None = None
    parts: list[Part] = Field(default_factory=list)
