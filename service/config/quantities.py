"""Durations and sizes as people write them: `30s`, `32MiB`. A bare number is refused: it hides its unit."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

_SECONDS = {"ms": Decimal("0.001"), "s": Decimal(1), "m": Decimal(60), "h": Decimal(3600)}
_BYTES = {"B": Decimal(1), "KiB": Decimal(2**10), "MiB": Decimal(2**20), "GiB": Decimal(2**30)}
_QUANTITY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([A-Za-z]*)")


def parse_duration(text: object) -> float:
    """Seconds of `500ms`, `30s`, `2m` or `1h`. Raises ValueError, without the value in its message."""
    return float(_parse(text, _SECONDS, "30s"))


def parse_size(text: object) -> int:
    """Bytes of `512B`, `4KiB`, `32MiB` or `1GiB`. Raises ValueError, without the value in its message."""
    size = _parse(text, _BYTES, "32MiB")
    if size != size.to_integral_value():
        raise ValueError("must be a whole number of bytes")
    return int(size)


def format_duration(seconds: float) -> str:
    """The shortest way to write a duration that `parse_duration` reads back."""
    exact = Decimal(str(seconds))
    for unit in ("h", "m", "s"):
        if exact and exact % _SECONDS[unit] == 0:
            return f"{int(exact / _SECONDS[unit])}{unit}"
    return f"{(exact / _SECONDS['ms']).normalize():f}ms" if exact else "0s"


def format_size(size: int) -> str:
    """The shortest way to write a size that `parse_size` reads back."""
    unit = next((unit for unit in ("GiB", "MiB", "KiB") if size and size % int(_BYTES[unit]) == 0), "B")
    return f"{size // int(_BYTES[unit])}{unit}"


def _parse(text: object, units: dict[str, Decimal], example: str) -> Decimal:
    written = _QUANTITY.fullmatch(str(text)) if isinstance(text, (str, int, float)) else None
    if written is None:
        raise ValueError(f"must be a number and a unit ({', '.join(units)}), such as {example}")
    amount, unit = written.groups()
    if not unit:
        raise ValueError(f"needs a unit ({', '.join(units)}): write it such as {example}")
    if unit not in units:
        raise ValueError(f"has an unknown unit: use one of {', '.join(units)}")
    return Decimal(amount) * units[unit]


Duration = Annotated[float, BeforeValidator(parse_duration)]
"""Seconds, written with a unit."""

Size = Annotated[int, BeforeValidator(parse_size)]
"""Bytes, written with a unit."""
