"""Static query parameters of every request to a provider."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_WORD = re.compile(r"[A-Za-z0-9._~-]{1,128}")


def check_query(query: dict[str, str]) -> dict[str, str]:
    """The parameters themselves. Raises ValueError without the values."""
    for name, value in query.items():
        if not _WORD.fullmatch(name) or not _WORD.fullmatch(value):
            raise ValueError("must be of letters, digits and . _ ~ -, at most 128 for each name and value")
    return query


Query = Annotated[dict[str, str], AfterValidator(check_query), Field(max_length=16)]
