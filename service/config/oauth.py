"""A client that gets tokens from a token server: the client credentials grant of OAuth 2, in all its spellings."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from service.config.quantities import Duration
from service.config.secret import ApiKey
from service.config.section import SECTION
from service.config.urls import TokenUrl

_PATH = re.compile(r"[^.\s]{1,64}(?:\.[^.\s]{1,64}){0,7}")
_OURS = frozenset({"grant_type"})


def _check_path(path: str) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError("must be names with a dot between, such as data.access_token")
    return path


def _check_fields(fields: dict[str, str]) -> dict[str, str]:
    if taken := sorted(_OURS & fields.keys()):
        raise ValueError(f"{taken[0]} cannot be set here")
    if any(not name or len(name) > 64 or len(value) > 1024 for name, value in fields.items()):
        raise ValueError("must have names of 1 to 64 and values of at most 1024 characters")
    return fields


_Path = Annotated[str, AfterValidator(_check_path)]
_Fields = Annotated[dict[str, str], AfterValidator(_check_fields), Field(max_length=16)]


class OAuthSettings(BaseModel):
    """Where tokens come from. They travel as the provider's `auth` says."""

    model_config = SECTION

    token_url: TokenUrl = Field(
        description="https URL of the token server, or http on this machine; no user name, query or fragment."
    )
    client_id: str = Field(max_length=1024, description="Name of the client; write ${NAME:-}; empty means none.")
    client_secret: ApiKey = Field(default=None, description="Its secret; write ${NAME:-}; empty means none.")
    scope: str = Field(default="", max_length=1024, description="What the token is for; empty: nothing is said of it.")
    send_as: Literal["form", "json", "query"] = Field(
        default="form", description="How the fields travel: as a form, as JSON, or in the query of the URL."
    )
    client_in: Literal["body", "basic"] = Field(
        default="body",
        description="Where the client's name and secret travel: beside the other fields, or as basic authorization.",
    )
    id_field: str = Field(
        default="client_id", min_length=1, max_length=64, description="What the field of the client's name is called."
    )
    secret_field: str = Field(
        default="client_secret", min_length=1, max_length=64, description="What the field of its secret is called."
    )
    fields: _Fields = Field(
        default_factory=dict, repr=False, description="Further fields, at most 16; not for secrets: a dump shows them."
    )
    token_path: _Path = Field(
        default="access_token", description="Where the token stands in the answer, a dot between names."
    )
    expiry_path: _Path = Field(
        default="expires_in", description="Where the answer says for how many seconds it is good, a dot between names."
    )
    assumed_life: Duration = Field(
        default=300, ge=1, le=86_400, description="How long a token is good if the answer does not say, in seconds."
    )
    timeout: Duration = Field(
        default=10, ge=0.1, le=60, description="Longest time for the token server to answer, in seconds."
    )
