"""When the targets of a provider are passed over because they keep failing."""

from typing import Self

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from service.config.quantities import Duration
from service.config.section import SECTION


class CircuitSettings(BaseModel):
    """Each target of the provider has a circuit of its own, in each process."""

    model_config = SECTION

    enabled: bool = Field(default=True, description="Whether a target that keeps failing is passed over at all.")
    in_a_row: int = Field(
        default=5, ge=1, le=1000, description="Failures without an answer in between that open it, as a count."
    )
    share: float = Field(
        default=0.5,
        ge=0.01,
        le=1,
        description="Failed and slow requests that open it, as a share of all in the window.",
    )
    least: int = Field(
        default=10,
        ge=1,
        le=10_000,
        description="Requests in the window below which the share is not looked at, as a count.",
    )
    window: Duration = Field(default=30.0, ge=1, le=3600, description="How far back requests count, in seconds.")
    opens_for: Duration = Field(
        default=15.0, ge=0.1, le=3600, description="How long it stays open the first time, in seconds."
    )
    opens_at_most: Duration = Field(
        default=30.0,
        ge=0.1,
        le=3600,
        description="How long it stays open at most, in seconds, unless the provider asks for more by Retry-After.",
    )

    @model_validator(mode="after")
    def _opens_for_its_time(self) -> Self:
        if self.opens_at_most < self.opens_for:
            raise PydanticCustomError("order", "is shorter than opens_for", {"at": ("opens_at_most",)})
        return self
