"""One row per provider: where it is, how to identify to it, how long to wait for it."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from service.config.auth import Auth
from service.config.circuit import CircuitSettings
from service.config.headers import Headers
from service.config.keys import KeySettings
from service.config.limits import LimitsSettings
from service.config.oauth import OAuthSettings
from service.config.prices import PriceSettings
from service.config.quantities import Duration
from service.config.query import Query
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


def _parse_day(text: object) -> object:
    try:
        return text if text is None or isinstance(text, date) else date.fromisoformat(str(text))
    except ValueError:
        raise ValueError("must be a day, such as 2026-12-31") from None


_AS_KNOWN = "unset: as the catalog says, and tried where that says nothing."


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
    max_output_tokens: int | None = Field(
        default=None,
        ge=1,
        le=100_000_000,
        description="Tokens of its longest answer, as a count; unset: what the catalog says.",
    )
    tools: bool | None = Field(default=None, description=f"Whether it calls tools; {_AS_KNOWN}")
    images: bool | None = Field(default=None, description=f"Whether it reads pictures; {_AS_KNOWN}")
    files: bool | None = Field(default=None, description=f"Whether it reads documents; {_AS_KNOWN}")
    prefill: bool | None = Field(
        default=None, description=f"Whether it goes on with an answer that the conversation begins; {_AS_KNOWN}"
    )
    forced_tool_choice: bool | None = Field(
        default=None, description=f"Whether it can be told that it must call a tool; {_AS_KNOWN}"
    )
    json_schema: bool | None = Field(
        default=None, description=f"Whether it keeps to a JSON schema on its own; {_AS_KNOWN}"
    )
    reasoning: Literal["switch", "always", "none"] | None = Field(
        default=None, description=f"Whether it thinks: if asked to (switch), always, or never (none); {_AS_KNOWN}"
    )
    prices: PriceSettings | None = Field(
        default=None, description="What it costs; unset: what its provider's `prices` or the catalog say."
    )
    limits: LimitsSettings | None = Field(
        default=None, description="What it allows each key; unset: what its provider's `limits` say."
    )
    retires: Annotated[date | None, BeforeValidator(_parse_day)] = Field(
        default=None, description="Last day on which it answers, as 2026-12-31; unset: what the catalog says."
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
    protocol: Literal["openai", "anthropic", "gemini"] = Field(
        description="How the provider is spoken to: as OpenAI's chat completions, Anthropic's messages or Gemini's "
        "generateContent."
    )
    base_url: BaseUrl = Field(
        description="http(s) URL that the protocol's path, such as /chat/completions or /messages, is appended to; "
        "no user name, query or fragment."
    )
    api_key: ApiKey = Field(default=None, description="Key sent as `auth` says; write ${NAME:-}; empty means none.")
    api_keys: tuple[KeySettings, ...] = Field(
        default=(), max_length=64, description="Several keys, which take turns: with `api_key`, if that is there, too."
    )
    oauth: OAuthSettings | None = Field(
        default=None, description="Where tokens come from that are sent instead of a key; unset: a key is sent."
    )
    auth: Auth = Field(
        default="bearer",
        description="How we identify: as bearer, in a header of that name, such as api-key, or not at all: none.",
    )
    query: Query = Field(
        default_factory=dict,
        description="Query parameters of every request, at most 16, such as api-version; not for keys.",
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
    circuit: CircuitSettings = Field(
        default_factory=CircuitSettings, description="When its targets are passed over because they keep failing."
    )
    models: dict[str, ModelSettings] = Field(
        default_factory=dict,
        max_length=1000,
        description="What is known of its models beside the catalog, by the name a target uses.",
    )
    prices: PriceSettings | None = Field(
        default=None,
        description="What each of its models costs that has no `prices` of its own; unset: what the catalog says.",
    )
    limits: LimitsSettings = Field(
        default_factory=LimitsSettings,
        description="What it allows each key at each of its models that has no `limits` of its own.",
    )
    enabled: bool = Field(default=True, description="Whether any call may go to this provider.")

    @model_validator(mode="after")
    def _uses_its_keys(self) -> "ProviderSettings":
        written = {"api_key": self.api_key, "api_keys": self.api_keys, "oauth": self.oauth}
        ways = [name for name, said in written.items() if said]
        if ways and self.auth == "none":
            raise PydanticCustomError(
                "auth", "is never sent, because auth is none: set auth to bearer", {"at": ways[:1]}
            )
        if len(ways) > 1 and self.oauth:
            raise PydanticCustomError("auth", "is never sent, because there is oauth: remove one", {"at": ways[:1]})
        return self

    @model_validator(mode="after")
    def _names_its_keys_apart(self) -> "ProviderSettings":
        names = [key.name or str(index) for index, key in enumerate(self.api_keys, 1)]
        for index, name in enumerate(names):
            if name in names[:index]:
                at = ("api_keys", index, "name")
                raise PydanticCustomError("name", "is the name of another key, too", {"at": at})
        return self
