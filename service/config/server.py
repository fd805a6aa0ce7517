"""What the gRPC server itself needs to be told."""

from typing import Literal

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from service.config.quantities import Duration, format_duration
from service.config.section import SECTION
from service.config.urls import Address


class DeadlineSettings(BaseModel):
    """The deadline of a call that came without one."""

    model_config = SECTION

    unary: Duration = Field(
        default=120.0, ge=1, le=86400, description="Time for a unary call without a deadline, in seconds."
    )
    stream: Duration = Field(
        default=600.0, ge=1, le=86400, description="Time for a stream without a deadline, in seconds."
    )


class ServerSettings(BaseModel):
    """Where the server listens and how long it lets calls take."""

    model_config = SECTION

    address: Address = Field(
        default="127.0.0.1:50051",
        description="host:port to listen on; callers are not authenticated, so by default local.",
    )
    admin_address: Address | None = Field(
        default="127.0.0.1:9464",
        description="host:port for /metrics, /livez and /readyz over HTTP; null: none of them.",
    )
    reflection: bool = Field(default=True, description="Whether tools such as grpcurl may ask for the services.")
    default_deadline: DeadlineSettings = Field(
        default_factory=DeadlineSettings, description="Deadlines, in seconds, of calls that come without one."
    )
    max_deadline: Duration = Field(
        default=1800.0,
        ge=1,
        le=86400,
        description="Longest time any call may take, in seconds; later deadlines are cut to it.",
    )
    drain_grace: Duration = Field(
        default=10.0,
        ge=0,
        le=600,
        description="Time that open calls get to finish after SIGTERM, in seconds.",
    )
    drain_notice: Duration = Field(
        default=1.0,
        ge=0,
        le=600,
        description="How much of drain_grace, in seconds, new calls are still let in while load balancers hear of it.",
    )
    max_concurrent_streams: int = Field(
        default=1000,
        ge=1,
        le=100_000,
        description="Open calls per client connection, as a count; more wait in the client.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log lines that are written."
    )

    @model_validator(mode="after")
    def _defaults_fit_under_the_maximum(self) -> "ServerSettings":
        for kind in ("unary", "stream"):
            default = getattr(self.default_deadline, kind)
            if default > self.max_deadline:
                raise PydanticCustomError(
                    "deadline",
                    "is {default}, over server.max_deadline ({maximum}): lower it too",
                    {
                        "default": format_duration(default),
                        "maximum": format_duration(self.max_deadline),
                        "at": ("default_deadline", kind),
                    },
                )
        return self
