"""The protocol of Google's Gemini: generateContent and streamGenerateContent, at Google AI and at Vertex."""

from service.providers.gemini.dialect import Dialect, Thinking
from service.providers.gemini.protocol import Gemini

__all__ = ["Dialect", "Gemini", "Thinking"]
