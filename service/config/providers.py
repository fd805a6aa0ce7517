"""One row per provider: where it is, how to identify to it, how long to wait for it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

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


class ProviderSettings(BaseModel):
    """A provider that serves models over one of the protocols we speak."""

    model_config = SECTION

    protocol: Literal["openai"] = Field(description="How the provider is spoken to; there is one protocol so far.")
    base_url: BaseUrl = Field(
        description="http(s) URL that /chat/completions is appended to; no user name, query or fragment."
    )
    api_key: ApiKey = Field(default=None, description="Key sent as a bearer token; write ${NAME:-}; empty means none.")
    auth: Literal["bearer", "none"] = Field(
        default="bearer", description="How we identify: a bearer key, or not at all."
    )
    headers: Headers = Field(
        default_factory=dict,
        repr=False,
        description="Extra headers of every request, at most 32; not for keys: a dump shows them.",
    )
    proxy: ProxyUrl = Field(default=None, description="http(s) URL of a proxy, without credentials; empty means none.")
    ca_file: _CaFile = Field(
        default=None, description="PEM file of the authorities to trust; empty means the system's."
    )
    connect_timeout: Duration = Field(
        default=5.0, ge=0.05, le=60, description="Time to reach the provider, TLS included, in seconds."
    )
    stall_timeout: Duration = Field(
        default=60.0,
        ge=0.1,
        le=3600,
        description="Longest silence within an answer, in seconds; then it has stalled.",
    )
    enabled: bool = Field(default=True, description="Whether any call may go to this provider.")
