"""The protocol of OpenAI's chat completions, which most vendors speak."""

from service.providers.openai.dialect import Dialect
from service.providers.openai.protocol import OpenAI

__all__ = ["Dialect", "OpenAI"]
