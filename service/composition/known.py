"""What is known of a target, in a few words: for `mainstayd check`."""

from collections.abc import Iterator

from service.chat.capabilities import Ability
from service.chat.target import Target
from service.composition.pricing import price_of
from service.composition.resolve import capabilities
from service.config import Settings


def known_of(target: Target, settings: Settings) -> str:
    """Its price, its window, and what it is passed over for."""
    return "; ".join(_words(target, settings))


def _words(target: Target, settings: Settings) -> Iterator[str]:
    yield price_of(target, settings)
    can = capabilities(target, settings)
    if can.context_tokens is not None:
        yield f"{can.context_tokens:,} tokens"
    if can.lacks:
        yield "no " + ", ".join(ability.value for ability in Ability if ability in can.lacks)
