"""Configuration: read once, valid as a whole, frozen. Nothing outside this folder reads the environment."""

from service.config.cache import CacheSettings, RouteCacheSettings
from service.config.circuit import CircuitSettings
from service.config.confidential import confidential, credentials_of
from service.config.degradation import DegradationSettings, RuleSettings, Texts
from service.config.describe import describe
from service.config.identification import KeyOf, keys_of
from service.config.keys import KeySettings
from service.config.limits import LimitsSettings
from service.config.loading import ignored, lend_to_exporters, load
from service.config.oauth import OAuthSettings
from service.config.prices import PriceSettings
from service.config.problems import ConfigurationError, Place, Problem
from service.config.providers import ModelSettings, ProviderSettings
from service.config.quantities import Duration, Size, format_duration, format_size
from service.config.reference import Setting, reference
from service.config.routes import RouteSettings
from service.config.secret import Secret
from service.config.server import DeadlineSettings, ServerSettings
from service.config.settings import Settings
from service.config.telemetry import MetricSettings, TelemetrySettings, TraceSettings

__all__ = [
    "CacheSettings",
    "CircuitSettings",
    "ConfigurationError",
    "DeadlineSettings",
    "DegradationSettings",
    "Duration",
    "KeyOf",
    "KeySettings",
    "LimitsSettings",
    "MetricSettings",
    "ModelSettings",
    "OAuthSettings",
    "Place",
    "PriceSettings",
    "Problem",
    "ProviderSettings",
    "RouteCacheSettings",
    "RouteSettings",
    "RuleSettings",
    "Secret",
    "ServerSettings",
    "Setting",
    "Settings",
    "Size",
    "TelemetrySettings",
    "Texts",
    "TraceSettings",
    "confidential",
    "credentials_of",
    "describe",
    "format_duration",
    "format_size",
    "ignored",
    "keys_of",
    "lend_to_exporters",
    "load",
    "reference",
]
