"""Where pictures and documents come from."""

import base64
import binascii
from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from service.simulator.anthropic.shape import Shape
from service.simulator.images import is_picture


def _picture(data: str) -> str:
    if not is_picture(data):
        raise PydanticCustomError("image", "Could not process image")
    return data


def _base64(data: str) -> str:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PydanticCustomError("base64", "Invalid base64 data") from error
    return data


class PictureData(Shape):
    """A picture that was sent along."""

    type: Literal["base64"]
    media_type: Literal["image/jpeg", "image/png", "image/gif", "image/webp"]
    data: Annotated[str, AfterValidator(_picture)]


class Address(Shape):
    """Something at an address, which is not fetched."""

    type: Literal["url"]
    url: str


class Uploaded(Shape):
    """Something that was uploaded before."""

    type: Literal["file"]
    file_id: str


class PdfData(Shape):
    """A PDF that was sent along."""

    type: Literal["base64"]
    media_type: Literal["application/pdf"]
    data: Annotated[str, AfterValidator(_base64)]


class PlainText(Shape):
    """A document of words."""

    type: Literal["text"]
    media_type: Literal["text/plain"]
    data: str
