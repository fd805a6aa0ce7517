"""How a key or a token travels: as a bearer token, in a header that is named, or there is none."""

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

_HEADER = re.compile(r"(?=.{1,64}$)(?:[a-z]+-)*[a-z]*(?:auth|authorization|key|secret|token)")
"""What such headers are called; narrow, so that `basic` and `baerer` are not taken for one, nor a key itself."""


def check_auth(auth: str) -> str:
    """`bearer`, `none`, or the name of a header, in lower case. The error does not repeat what may be a key."""
    name = auth.lower()
    if name not in ("bearer", "none") and (not _HEADER.fullmatch(name) or name.startswith("proxy-")):
        raise PydanticCustomError(
            "auth", "must be bearer, none or the name of a header, such as api-key or x-auth-token"
        )
    return name


Auth = Annotated[str, AfterValidator(check_auth)]
