"""Configuration: read once, valid as a whole, frozen. Nothing outside this folder reads the environment."""

from service.config.cache import CacheSettings, RouteCacheSettings
from service.config.confidential import confidential
from service.config.degradation import DegradationSettings, RuleSettings, Texts
from service.config.describe import describe
from service.config.loading import lend_to_exporters, load
from service.config.problems import ConfigurationError, Place, Problem
from service.config.providers import ProviderSettings
from service.config.quantities import Duration, Size, format_duration, format_size
from service.config.routes import RouteSettings
from service.config.secret import Secret
from service.config.server import DeadlineSettings, ServerSettings
from service.config.settings import Settings
from service.config.telemetry import MetricSettings, TelemetrySettings, TraceSettings

__all__ = [
    "CacheSettings",
    "ConfigurationError",
    "DeadlineSettings",
    "DegradationSettings",
    "Duration",
    "MetricSettings",
    "Place",
    "Problem",
    "ProviderSettings",
    "RouteCacheSettings",
    "RouteSettings",
    "RuleSettings",
    "Secret",
    "ServerSettings",
    "Settings",
    "Size",
    "TelemetrySettings",
    "Texts",
    "TraceSettings",
    "confidential",
    "describe",
    "format_duration",
    "format_size",
    "lend_to_exporters",
    "load",
]
