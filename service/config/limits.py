"""What a provider allows each key at each model, as far as we know it beforehand."""

from pydantic import BaseModel, Field

from service.config.section import SECTION


class LimitsSettings(BaseModel):
    """Vendors count by account and model: each key has these limits at each model, so give keys of one account a share.

    Four fifths of a limit for a minute flow in evenly, and one fifth may go at once.
    """

    model_config = SECTION

    requests_per_minute: int | None = Field(
        default=None, ge=1, le=100_000_000, description="Most requests in a minute, as a count; unset: no limit known."
    )
    tokens_per_minute: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000_000,
        description="Most tokens in a minute, of questions and answers together, as a count; unset: no limit known.",
    )
    concurrency: int | None = Field(
        default=None, ge=1, le=100_000, description="Most requests at a time, as a count; unset: no limit known."
    )
    from_headers: bool = Field(
        default=True, description="Whether to keep to what the provider's own rate-limit headers say, too."
    )
