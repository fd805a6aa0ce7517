"""What an operator pays, where the catalog does not know it or knows better."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

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


class PriceSettings(BaseModel):
    """Prices of a model: they replace those of the catalog as a whole, tiers and hours included."""

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
