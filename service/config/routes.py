"""Routes: names that callers use, each for an ordered list of targets."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, PlainSerializer, PlainValidator

from service.chat.target import Target
from service.config.cache import RouteCacheSettings
from service.config.hedge import HedgeSettings
from service.config.quantities import Duration
from service.config.section import SECTION


def _accept(target: object) -> Target:
    return target if isinstance(target, Target) else Target.parse(target if isinstance(target, str) else "")


def _check_targets(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    # Not by min_length, which would also count the targets that are wrong in themselves as missing.
    if not targets:
        raise ValueError("has too few entries: at least 1")
    for position, target in enumerate(targets):
        if target in targets[:position]:
            raise ValueError(f"target {position} repeats target {targets.index(target)}")
    return targets


Limit = Duration | None
_WrittenTarget = Annotated[Target, PlainValidator(_accept), PlainSerializer(str, return_type=str)]
_Targets = Annotated[tuple[_WrittenTarget, ...], AfterValidator(_check_targets)]


class TriesSettings(BaseModel):
    """How often one call asks the same target."""

    model_config = SECTION

    first: int = Field(default=3, ge=1, le=10, description="Requests to the first target, as a count.")
    later: int = Field(default=2, ge=1, le=10, description="Requests to each later target, as a count.")


class RouteSettings(BaseModel):
    """The targets behind one name, and how a call is carried out."""

    model_config = SECTION

    targets: _Targets = Field(max_length=64, description="provider/model in order of preference, 1 to 64 of them.")
    tries: TriesSettings = Field(default_factory=TriesSettings, description="How often the same target is asked.")
    max_attempts: int = Field(
        default=6, ge=1, le=50, description="Requests for one call over all targets, as a count; callers may lower it."
    )
    max_wait: Duration = Field(
        default=5, ge=0, le=600, description="Longest wait before the same target is asked again, in seconds."
    )
    upstream: Literal["whole", "stream"] = Field(
        default="whole",
        description="How providers answer unary calls: 'stream' makes the limits of streams hold for them, too.",
    )
    connect_timeout: Limit = Field(
        default=None, ge=0.05, le=60, description="Time to reach a provider, in seconds, if its own is not tighter."
    )
    first_token_timeout: Limit = Field(
        default=None,
        ge=0.1,
        le=3600,
        description="Time to a stream's first token, in seconds, if the provider's is not tighter.",
    )
    stall_timeout: Limit = Field(
        default=None,
        ge=0.1,
        le=3600,
        description="Longest silence within an answer, in seconds, if the provider's is not tighter.",
    )
    attempt_timeout: Limit = Field(
        default=None,
        ge=0.1,
        le=3600,
        description="Time for an answer in one piece, in seconds, if the provider's is not tighter.",
    )
    leave_content_filter: bool = Field(
        default=False,
        description="Whether a question that a provider's filter refused goes to the next; it looks like evasion.",
    )
    all_open: Literal["fail", "ask"] = Field(
        default="fail",
        description="What becomes of a call when every target keeps failing and is passed over: it fails at once, or a "
        "rule answers it (degrade); or the target whose time is over soonest is asked all the same: 'ask'.",
    )
    hedge: HedgeSettings = Field(
        default_factory=HedgeSettings, description="Whether and when slow requests are sent a second time."
    )
    degrade: bool = Field(default=True, description="Whether a rule may answer when no target can.")
    cache: RouteCacheSettings = Field(
        default_factory=RouteCacheSettings, description="Which answers the cache keeps, and for how long."
    )
