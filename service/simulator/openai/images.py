"""Refuses pictures at a `data:` address that are none; those at another address are not fetched."""

from collections.abc import Mapping

from service.simulator.images import is_picture
from service.simulator.openai.refusals import missing, wrong_type
from service.simulator.refusal import Refusal

_UNKNOWN = "You uploaded an unsupported image. Make sure that it is a png, jpeg, gif or webp."


def check_image(given: object, at: str) -> None:
    """Raise `Refusal` where the data of a `data:` address begin like no picture."""
    address = given.get("url") if isinstance(given, Mapping) else given
    if address is None:
        raise missing(f"{at}.url")
    if not isinstance(address, str):
        raise wrong_type(f"{at}.url", "a string")
    if address.startswith("data:") and not is_picture(address.partition(";base64,")[2]):
        raise Refusal(_UNKNOWN, None, "invalid_image_format")
