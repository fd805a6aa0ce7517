"""The words of a refusal, with places as Google writes them: `contents[0].parts[1].function_call`."""

import re
from collections.abc import Sequence

from pydantic import ValidationError

from service.simulator.refusal import Refusal


def wrong(at: str, message: str) -> Refusal:
    """The refusal of what stands at that place."""
    return Refusal(f"* GenerateContentRequest.{at}: {message}", at)


def misshapen(error: ValidationError) -> Refusal:
    """The refusal of everything in which a request has not the shape that it should have."""
    flaws = error.errors(include_url=False, include_context=False)
    said = [_said(flaw["type"], flaw["msg"], flaw["loc"], flaw["input"]) for flaw in flaws]
    return Refusal("\n".join(said), _place(flaws[0]["loc"]))


def _said(kind: str, message: str, steps: Sequence[int | str], given: object) -> str:
    if kind == "extra_forbidden":
        at = f" at '{_place(steps[:-1])}'" if steps[:-1] else ""
        return f'Invalid JSON payload received. Unknown name "{steps[-1]}"{at}: Cannot find field.'
    if kind == "missing":
        return f"{_place(steps)}: required"
    return f"Invalid value at '{_place(steps)}' ({message}), {_clip(repr(given))}"


def _place(steps: Sequence[int | str]) -> str:
    place = ""
    for step in steps:
        place += f"[{step}]" if isinstance(step, int) else f".{_snake(step)}"
    return place.removeprefix(".")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found[1].lower()}", name)


def _clip(text: str) -> str:
    return text if len(text) <= 80 else text[:80] + "…"
