"""Whom a request in this protocol is told to."""

from typing import TypeAlias

from service.providers import listener
from service.providers.anthropic.dialect import Dialect

Listener: TypeAlias = listener.Listener[Dialect]
