"""The whole configuration, valid and frozen, and what it says about targets."""

from pydantic import BaseModel, Field, PrivateAttr

from service.chat.target import Target
from service.config.cache import CacheSettings
from service.config.degradation import DegradationSettings
from service.config.identification import missing
from service.config.names import Name
from service.config.providers import ProviderSettings
from service.config.routes import RouteSettings
from service.config.section import SECTION
from service.config.server import ServerSettings
from service.config.telemetry import TelemetrySettings


class Settings(BaseModel):
    """Everything the service is told. `load` builds it; tests may build it themselves."""

    model_config = SECTION

    server: ServerSettings = Field(default_factory=ServerSettings, description="The gRPC server.")
    providers: dict[Name, ProviderSettings] = Field(
        default_factory=dict,
        description="Provider rows by name; null removes one that a lower layer brought.",
    )
    routes: dict[Name, RouteSettings] = Field(
        default_factory=dict, description="Routes by name; null removes one that a lower layer brought."
    )

    cache: CacheSettings = Field(default_factory=CacheSettings, description="The cache of answers, over all routes.")
    degradation: DegradationSettings = Field(
        default_factory=DegradationSettings, description="What is said when no model can answer."
    )

    telemetry: TelemetrySettings = Field(
        default_factory=TelemetrySettings, description="What is told about calls, beside the log."
    )

    _variables: dict[str, str] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: object, /) -> None:
        # Validation context: path of a text in a provider's row to the variable that it is written with.
        if isinstance(context, dict):
            self._variables.update(context)

    def usable_targets(self, route: str) -> tuple[Target, ...]:
        """The targets of a route that a call could go to, in order. Raises KeyError for an unknown route."""
        return tuple(target for target in self.routes[route].targets if self.why_unusable(target.provider) is None)

    def why_unusable(self, provider: str) -> str | None:
        """Why no call can go to a provider, and what to do about it; None if one can."""
        settings = self.providers.get(provider)
        if settings is None:
            return f"no provider '{provider}'"
        if not settings.enabled:
            return f"switched off: set providers.{provider}.enabled to true"
        lack = missing(settings)
        return None if lack is None else f"no {lack[0]}: set {self.where_to_set(provider, lack[1])}"

    def where_to_set(self, provider: str, path: str) -> str:
        """The variable that a text of a provider's row is written with, else its place in the configuration."""
        whole = f"{provider}.{path}"
        return self._variables.get(whole) or self._variables.get(whole.removesuffix(".key"), f"providers.{whole}")
