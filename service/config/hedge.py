"""When a slow request is sent a second time."""

from typing import Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from service.config.quantities import Duration
from service.config.section import SECTION


class HedgeSettings(BaseModel):
    """What a route spends in order to answer sooner."""

    model_config = SECTION

    use: bool = Field(
        default=False, description="Whether slow requests of calls that don't say so themselves are sent twice."
    )
    quantile: float = Field(
        default=0.95,
        ge=0.5,
        le=1,
        description="How many of a target's requests are not slow, as a share of those seen lately.",
    )
    least: int = Field(
        default=20, ge=2, le=200, description="Requests that must have been seen before any is slow, as a count."
    )
    floor: Duration = Field(default=0.1, ge=0.001, le=60, description="No request is slow before that, in seconds.")
    ceiling: Duration = Field(
        default=10.0, ge=0.01, le=600, description="Every request is slow after that, in seconds."
    )
    spare: bool = Field(
        default=False, description="Whether the second copy goes to the route's next target instead of the same."
    )

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.ceiling < self.floor:
            raise PydanticCustomError("order", "is shorter than floor", {"at": ("ceiling",)})
        return self
