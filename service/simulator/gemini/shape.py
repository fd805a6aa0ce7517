"""What every message of a request has in common, being a protobuf message that is written as JSON.

Fields may be written `likeThis` or `like_this`, numbers and enums as numbers or words, and null is unset.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from service.simulator.gemini.refusals import misshapen

Shaped = TypeVar("Shaped", bound=BaseModel)
Free = object
"""What is not looked at any closer."""

_URL_SAFE = str.maketrans("-_", "+/")


class Shape(BaseModel):
    """A message of which all fields are known."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _unset(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        return {name: value for name, value in given.items() if value is not None}


def decoded(text: str) -> bytes:
    """The bytes of base64 of either alphabet, with or without padding; raises ValueError."""
    padded = text.translate(_URL_SAFE).rstrip("=")
    return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)


def _base64(text: str) -> str:
    try:
        decoded(text)
    except (binascii.Error, ValueError) as error:
        raise PydanticCustomError("bytes", "TYPE_BYTES, Base64 decoding failed") from error
    return text


Bytes = Annotated[str, AfterValidator(_base64)]


def shaped(kind: type[Shaped], given: Mapping[str, object]) -> Shaped:
    """`given` as `kind`; raises `Refusal`."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise misshapen(error) from error
