"""What every object of a request has in common: its keys are known, and nothing is taken for something else."""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from service.simulator.anthropic.refusals import misshapen

Shaped = TypeVar("Shaped", bound=BaseModel)


class Shape(BaseModel):
    """An object of which all keys are known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Hosted(BaseModel):
    """An object that Anthropic's own tools need or made: it is let pass as it is."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    type: str


class CacheControl(Shape):
    """Where what came so far is to be cached."""

    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] | None = None


Id = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]+$")]


def _as_blocks(given: object) -> object:
    if isinstance(given, str):
        return [{"type": "text", "text": given}] if given else []
    return given


OrText = BeforeValidator(_as_blocks)
"""For lists of blocks: a text alone is one block, and an empty one is none."""


def shaped(kind: type[Shaped], given: Mapping[str, object], *, strictly: bool) -> Shaped:
    """`given` as `kind`; raises `Refusal`. Unless `strictly`, unknown keys are passed over."""
    try:
        return kind.model_validate(given, extra=None if strictly else "ignore")
    except ValidationError as error:
        raise misshapen(error) from error
