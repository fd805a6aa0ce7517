"""The words of a refusal: where, then what, as in `messages.0.role: Field required`."""

from pydantic import ValidationError

from service.simulator.refusal import Refusal


def wrong(at: str, message: str) -> Refusal:
    """The refusal of what stands at that place."""
    return Refusal(f"{at}: {message}", at)


def misshapen(error: ValidationError) -> Refusal:
    """The refusal of the first thing in which a request has not the shape that it should have."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return wrong(".".join(str(step) for step in first["loc"]), first["msg"])
