"""Names of providers and routes, and guesses at what a misspelt one meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


def check_name(name: str) -> str:
    """The name itself. Raises ValueError unless it may name a provider, a route or a profile."""
    if not _NAME.fullmatch(name):
        raise ValueError(
            "is not a name: use at most 63 lower-case letters, digits, '_' and '-', beginning with a letter"
        )
    return name


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the closest known name, or nothing."""
    closest = get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean '{closest[0]}'?" if closest else ""


Name = Annotated[str, AfterValidator(check_name)]
"""No slash in it: `provider/model` is cut at the first."""
