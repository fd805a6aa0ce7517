"""A text that never prints: whoever needs it says `reveal()`."""

from typing import Annotated, Final, final

from pydantic import BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import (
    no_info_plain_validator_function,
    plain_serializer_function_ser_schema,
    str_schema,
)

MASK: Final = "***"


@final
class Secret:
    """Prints as `***` everywhere: str, repr, format, JSON, model dumps. Immutable and hashable."""

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "_text", text)

    def reveal(self) -> str:
        """The text itself; only for the header that carries it, and for what keeps it out of the log."""
        return self._text

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a secret cannot be changed")

    def __repr__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        masked = plain_serializer_function_ser_schema(str, return_schema=str_schema())
        return no_info_plain_validator_function(_accept, serialization=masked)


def _accept(value: object) -> Secret:
    if isinstance(value, Secret):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("secret", "must be text")
    return Secret(value)


def _accept_key(value: object) -> object:
    if not isinstance(value, str):
        return value
    key = value.strip()
    if not all("!" <= letter <= "~" for letter in key):
        raise PydanticCustomError("secret", "must be printable ASCII without spaces: it travels in a header")
    return Secret(key) if key else None


ApiKey = Annotated[Secret | None, BeforeValidator(_accept_key)]
"""A key fit for a header; empty text is no key."""
