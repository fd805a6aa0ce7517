"""Hours of a day as people write them: `6-10`."""

import re
from typing import Annotated

from pydantic import BeforeValidator

_HOURS = re.compile(r"([0-9]{1,2}) ?[-–] ?([0-9]{1,2})")


def parse_hours(text: object) -> tuple[int, int]:
    """The first hour and the first that is no longer meant, 0 to 24. Raises ValueError, without the text in it."""
    written = _HOURS.fullmatch(text.strip()) if isinstance(text, str) else None
    if written is not None:
        start, end = map(int, written.groups())
        if start < end <= 24:
            return start, end
    raise ValueError("must be two hours of a day, the earlier one first, such as 6-10")


Hours = Annotated[tuple[int, int], BeforeValidator(parse_hours)]
"""From the first until the second one."""
