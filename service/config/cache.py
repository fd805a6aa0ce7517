"""The cache of answers: how much it may hold, and what each route lets into it."""

from pydantic import BaseModel, Field

from service.config.quantities import Duration, Size
from service.config.section import SECTION


class CacheSettings(BaseModel):
    """How much the cache holds, over all routes."""

    model_config = SECTION

    max_bytes: Size = Field(
        default=64 * 2**20,
        ge=2**20,
        le=2**40,
        description="Most memory that answers may take, as a count of bytes; one takes at most an eighth of it.",
    )
    max_entries: int = Field(default=10_000, ge=1, le=100_000_000, description="Most answers, as a count.")


class RouteCacheSettings(BaseModel):
    """Whether and how long a route's answers are kept for equal questions of the same caller."""

    model_config = SECTION

    use: bool = Field(
        default=False, description="Whether calls that don't say so themselves may be answered from the cache."
    )
    ttl: Duration = Field(
        default=3600.0, ge=0, le=2_592_000, description="How long an answer is kept, in seconds; 0s keeps none."
    )
    fallback_ttl: Duration = Field(
        default=60.0,
        ge=0,
        le=2_592_000,
        description="How long an answer is kept that is not the first target's, in seconds; 0s keeps none.",
    )
    stale: bool = Field(
        default=False,
        description="Whether calls that don't say so themselves may get an answer past its time if no model answers.",
    )
    stale_ttl: Duration = Field(
        default=86_400.0,
        ge=0,
        le=2_592_000,
        description="How much longer an answer is kept for when no model can answer, in seconds; 0s: no longer.",
    )
    tool_calls: bool = Field(default=False, description="Whether answers that ask for tools are kept, too.")
