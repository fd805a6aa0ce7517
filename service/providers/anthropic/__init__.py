"""The protocol of Anthropic's Messages, which several vendors offer beside that of OpenAI."""

from service.providers.anthropic.dialect import Dialect
from service.providers.anthropic.protocol import Anthropic

VERSION = "2023-06-01"
"""What the header anthropic-version says; newer ones refuse what older models take (PROVIDERS.md 3.8)."""

__all__ = ["VERSION", "Anthropic", "Dialect"]
