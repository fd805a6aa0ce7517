"""What an operator pays, where the catalog does not know it or knows better."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from service.config.hours import Hours
from service.config.section import SECTION

_DECIMALS = 6


def _parse_price(text: object) -> Decimal:
    """Dollars for a million tokens. Raises ValueError, without the value in its message."""
    try:
        price = Decimal(str(text))
        if price.is_finite() and price == round(price, _DECIMALS):
            return price
    except InvalidOperation:
        pass
    raise ValueError(f"must be US dollars for a million tokens, such as 0.15, with at most {_DECIMALS} decimals")


Price = Annotated[Decimal, BeforeValidator(_parse_price)]
"""US dollars for a million tokens."""
Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""Monday is the first."""


class FlatPriceSettings(BaseModel):
    """Prices of a model, for one kind of question."""

    model_config = SECTION

    input: Price = Field(ge=0, le=10_000, description="US dollars for a million tokens of the question.")
    output: Price = Field(
        ge=0, le=10_000, description="US dollars for a million tokens of the answer, reasoning included."
    )
    cached_input: Price | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="US dollars for a million tokens that the provider had in its cache; unset: as `input`.",
    )
    cache_write: Price | None = Field(
        default=None,
        ge=0,
        le=10_000,
        description="US dollars for a million tokens that the provider put into its cache; unset: as `input`.",
    )


class PeakSettings(BaseModel):
    """The hours in which a vendor asks its whole price."""

    model_config = SECTION

    weekdays: tuple[Weekday, ...] = Field(
        default=WEEKDAYS, min_length=1, max_length=7, description="Days of the week, in UTC, such as [mon, tue]."
    )
    hours: tuple[Hours, ...] = Field(
        min_length=1, max_length=12, description="Hours of these days, in UTC, such as [1-4, 6-10]: until 4 and 10."
    )
    otherwise_percent: int = Field(
        ge=0, le=100, description="What of every price is asked at other times, as a share in percent."
    )


class PriceSettings(FlatPriceSettings):
    """Prices of a model: they replace those of the catalog as a whole, tiers and hours included."""

    long_from: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="Tokens, as a count, beyond which all of a question costs `long_prices`; unset: none does.",
    )
    long_prices: FlatPriceSettings | None = Field(
        default=None, description="What questions of more tokens than `long_from` cost."
    )
    peak: PeakSettings | None = Field(default=None, description="When all these prices hold; unset: at all times.")

    @model_validator(mode="after")
    def _has_both_or_none(self) -> "PriceSettings":
        if (self.long_from is None) != (self.long_prices is None):
            lone, lack = ("long_prices", "long_from") if self.long_from is None else ("long_from", "long_prices")
            raise PydanticCustomError("prices", "means nothing without {lack}", {"lack": lack, "at": [lone]})
        return self
