"""Several keys of one provider."""

from pydantic import BaseModel, Field, model_validator

from service.config.names import Name
from service.config.secret import ApiKey
from service.config.section import SECTION


class KeySettings(BaseModel):
    """One of them: the key alone, or what is to be known of it. Its default name is its position, from 1."""

    model_config = SECTION

    key: ApiKey = Field(description="The key; write ${NAME:-}; empty means none.")
    weight: int = Field(
        default=1, ge=1, le=1000, description="How many requests it gets while one of weight 1 gets one, as a count."
    )
    name: Name | None = Field(default=None, description="What the log calls it; unset: its position in the list.")

    @model_validator(mode="before")
    @classmethod
    def _alone(cls, written: object) -> object:
        return {"key": written} if isinstance(written, str) else written
