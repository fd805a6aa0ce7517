"""The protocols that we speak, a line for each.

To add one: its line in PROTOCOLS, its dialect in AnyDialect, and its name in `ProviderSettings.protocol`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from service.chat.capabilities import Capabilities
from service.providers import anthropic, gemini, openai
from service.providers.errors import ErrorTable
from service.providers.wire import Wire

AnyDialect: TypeAlias = openai.Dialect | anthropic.Dialect | gemini.Dialect


class Speaks(Protocol):
    """Makes a wire of what the catalog knows of a vendor; all dialects are of the protocol's own type."""

    def __call__(
        self, *, dialect: Any, provider: str, errors: ErrorTable, dialect_of: Callable[[str], Any] | None
    ) -> Wire:
        """A wire to the vendor that is called `provider`; `dialect_of` gives the dialect of a model."""
        ...


@dataclass(frozen=True, slots=True)
class Spoken:
    """One protocol."""

    dialect: Callable[[], AnyDialect]
    """The type of its dialects; one without a word fits somebody of whom nothing is known."""
    wire: Speaks
    fitted: Callable[[Any, Capabilities], Any]
    """The dialect of a model of which something is known."""
    narrowed: Callable[[Any, Capabilities], Capabilities]
    """What is left of what a model can do if it is spoken to in a dialect."""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What every request says beside the credential, unless the configuration says it."""


PROTOCOLS: Mapping[str, Spoken] = MappingProxyType(
    {
        "openai": Spoken(openai.Dialect, openai.OpenAI, openai.Dialect.of, openai.Dialect.narrowed),
        "anthropic": Spoken(
            anthropic.Dialect,
            anthropic.Anthropic,
            anthropic.Dialect.of,
            anthropic.Dialect.narrowed,
            {"anthropic-version": anthropic.VERSION},
        ),
        "gemini": Spoken(gemini.Dialect, gemini.Gemini, gemini.Dialect.of, gemini.Dialect.narrowed),
    }
)


def protocol_of(dialect: AnyDialect) -> str:
    """The name of the protocol whose dialect that is."""
    return next(name for name, spoken in PROTOCOLS.items() if spoken.dialect is type(dialect))
