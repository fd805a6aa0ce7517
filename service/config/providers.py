"""One row per provider: where it is, how to identify to it, how long to wait for it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from service.config.headers import Headers
from service.config.quantities import Duration
from service.config.secret import ApiKey
from service.config.section import SECTION
from service.config.urls import BaseUrl, ProxyUrl


def _check_file(path: Path | None) -> Path | None:
    if path is not None and not path.is_file():
        raise ValueError("must be a file that exists")
    return path


_CaFile = Annotated[
    Path | None, BeforeValidator(lambda path: None if path == "" else path), AfterValidator(_check_file)
]


class ModelSettings(BaseModel):
    """What is known of one of a provider's models."""

    model_config = SECTION

    catalog: str | None = Field(
        default=None,
        max_length=256,
        description="Model in the catalog that this one is, for a deployment or endpoint with a name of its own.",
    )
    context_tokens: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="Tokens that its window holds, as a count; unset: what the catalog says.",
    )


class ProviderSettings(BaseModel):
    """A provider that serves models over one of the protocols we speak.

    What is not written of `protocol`, `base_url` and `auth` is what its row of the catalog says.
    """

    model_config = SECTION

    catalog: str | None = Field(
        default=None,
        max_length=64,
        description="Row of the catalog that says what is not written here; unset: the row of the provider's own name.",
    )
    protocol: Literal["openai"] = Field(description="How the provider is spoken to; there is one protocol so far.")
    base_url: BaseUrl = Field(
        description="http(s) URL that /chat/completions is appended to; no user name, query or fragment."
    )
    api_key: ApiKey = Field(default=None, description="Key sent as `auth` says; write ${NAME:-}; empty means none.")
    auth: Literal["bearer", "api-key", "none"] = Field(
        default="bearer",
        description="How we identify: the key as a bearer token, in a header named api-key, or not at all.",
    )
    headers: Headers = Field(
        default_factory=dict,
        repr=False,
        description="Extra headers of every request, at most 32; not for keys: a dump shows them.",
    )
    proxy: ProxyUrl = Field(default=None, description="http(s) URL of a proxy, without credentials; empty means none.")
    ca_file: _CaFile = Field(
        default=None, description="PEM file of the authorities to trust; empty means Mozilla's, as certifi has them."
    )
    connect_timeout: Duration = Field(
        default=5.0, ge=0.05, le=60, description="Time to reach the provider, TLS included, in seconds."
    )
    first_token_timeout: Duration = Field(
        default=60, ge=0.1, le=3600, description="Time to the first token of a streamed answer, in seconds."
    )
    attempt_timeout: Duration = Field(
        default=120, ge=0.1, le=3600, description="Time for an answer in one piece, in seconds."
    )
    stall_timeout: Duration = Field(
        default=60.0,
        ge=0.1,
        le=3600,
        description="Longest silence within an answer, in seconds; then it has stalled.",
    )
    models: dict[str, ModelSettings] = Field(
        default_factory=dict,
        max_length=1000,
        description="What is known of its models beside the catalog, by the name a target uses.",
    )
    enabled: bool = Field(default=True, description="Whether any call may go to this provider.")

    @model_validator(mode="after")
    def _uses_its_key(self) -> "ProviderSettings":
        if self.api_key is not None and self.auth == "none":
            raise PydanticCustomError(
                "auth", "is never sent, because auth is none: set auth to bearer", {"at": ("api_key",)}
            )
        return self
