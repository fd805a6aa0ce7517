"""Values of OpenTelemetry's standard variables: whole numbers that its SDK cannot do without, and what is true."""

from collections.abc import Iterator

from service.config.environment import Environment
from service.config.problems import Problem


def wrong_numbers(environment: Environment) -> Iterator[Problem]:
    """Limits and batch sizes that are no numbers. The SDK reads them when it is imported, and ends in a traceback."""
    for name, text in sorted(environment.variables.items()):
        written = text.strip()
        if _is_number(name) and written and not (written.isascii() and written.isdigit()):
            yield Problem(environment.place(name), (), "must be a whole number, such as 128")


def truth(text: str) -> str | None:
    """What is wrong with a boolean: OpenTelemetry knows two words, and takes every other for false."""
    return None if text.lower() in ("true", "false") else "must be true or false"


def _is_number(name: str) -> bool:
    return name.startswith("OTEL_") and (name.endswith("_LIMIT") or name.startswith(("OTEL_BSP_", "OTEL_BLRP_")))
