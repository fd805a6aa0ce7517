"""Routes: names that callers use, each for an ordered list of targets."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, PlainSerializer, PlainValidator

from service.chat.target import Target
from service.config.quantities import Duration
from service.config.section import SECTION


def _accept(target: object) -> Target:
    return target if isinstance(target, Target) else Target.parse(target if isinstance(target, str) else "")


def _check_targets(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    # Not by min_length, which would also count the targets that are wrong in themselves as missing.
    if not targets:
        raise ValueError("has too few entries: at least 1")
    for position, target in enumerate(targets):
        if target in targets[:position]:
            raise ValueError(f"target {position} repeats target {targets.index(target)}")
    return targets


_WrittenTarget = Annotated[Target, PlainValidator(_accept), PlainSerializer(str, return_type=str)]
_Targets = Annotated[tuple[_WrittenTarget, ...], AfterValidator(_check_targets)]


class RouteSettings(BaseModel):
    """The targets behind one name."""

    model_config = SECTION

    targets: _Targets = Field(max_length=64, description="provider/model in order of preference, 1 to 64 of them.")
    stall_timeout: Duration | None = Field(
        default=None,
        ge=0.1,
        le=3600,
        description="Longest silence within an answer, in seconds, if the provider's is not tighter.",
    )
