"""A model of this protocol for the time of one request."""

from typing import TypeAlias

from service.providers import listener
from service.providers.gemini.dialect import Dialect

Listener: TypeAlias = listener.Listener[Dialect]
