"""What the catalog knows of a vendor: its row, and one for each of its models."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TypeAlias

from service.chat.capabilities import Capabilities, Reasoning
from service.chat.counting import Vocabulary
from service.chat.peak import Peak
from service.providers import openai
from service.providers.catalog.words import WORDS
from service.providers.corrected import corrected
from service.providers.errors import ErrorTable
from service.providers.protocols import PROTOCOLS, AnyDialect, protocol_of
from service.providers.wire import Wire

_REASONING = "reasoning"
"""That a model can think; that it cannot but think is its dialect's to say."""

Auth: TypeAlias = str
"""How a key travels: as `bearer` token, in the header of that name, or there is `none`."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read, and when."""

    where: str
    read: date

    def __str__(self) -> str:
        return f"{self.where} ({self.read})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens. None: unknown."""

    input: Decimal | None = None
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    output: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """What is known of one model."""

    name: str
    """As the vendor calls it; a request carries it."""
    source: Source
    can: Capabilities = field(default_factory=Capabilities)
    prices: Prices = field(default_factory=Prices)
    long_from: int | None = None
    """Questions of more tokens than this cost `long_prices`. None: every question costs the same."""
    long_prices: Prices = field(default_factory=Prices)
    peak: Peak | None = None
    """When all these prices hold; at other times a share of them does. None: at all times."""
    retires: date | None = None
    """The last day on which it answers. None: no end is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One vendor: where it is, how it is spoken to, and what its models can do."""

    name: str
    """What a provider in the configuration refers to."""
    source: Source
    base_url: str = ""
    """The protocol's own path is appended to it. Empty: everybody has one of their own."""
    elsewhere: tuple[str, ...] = ()
    """Other base URLs of the vendor; a key of one of them need not work at another."""
    auth: Auth = "bearer"
    dialect: AnyDialect = field(default_factory=openai.Dialect)
    """Its type says which protocol the vendor speaks."""
    dialects: Mapping[str, AnyDialect] = field(default_factory=dict)
    """The dialects of models that differ, by patterns of their names in which `*` is any run; the first that fits."""
    errors: ErrorTable = field(default_factory=ErrorTable)
    models: tuple[ModelRow, ...] = ()
    dated: str = ""
    """What a model's name ends with if it is that model as it was on a day, as a regular expression: `-2\\d{7}`.

    Empty: the vendor has no such names, or gives them to models that differ.
    """
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    """What models count their tokens in, by patterns as above; of others it is unknown."""

    def model(self, name: str) -> ModelRow | None:
        """What is known of a model, under its own name or as it was on a day; None: nothing."""
        known = {model.name: model for model in self.models}
        return known.get(name) or (known.get(re.sub(f"{self.dated}$", "", name)) if self.dated else None)

    def capabilities(self, model: str) -> Capabilities:
        """What a model is known to do if it is spoken to as it is here; its name may be unknown."""
        known = self.model(model)
        can = known.can if known else Capabilities()
        return PROTOCOLS[self.protocol].narrowed(self._dialect(model), can)

    def vocabulary(self, model: str) -> Vocabulary | None:
        """What a model counts its tokens in; None: nobody knows."""
        return next((found for pattern, found in self.vocabularies.items() if fnmatchcase(model, pattern)), None)

    @property
    def protocol(self) -> str:
        """The name of the protocol in which the vendor is spoken to."""
        return protocol_of(self.dialect)

    @property
    def headers(self) -> Mapping[str, str]:
        """What every request says beside the credential, unless the configuration says it."""
        return PROTOCOLS[self.protocol].headers

    def speaking(self, protocol: str) -> "Row":
        """The same vendor; as one of whom nothing more is known if the row is about another protocol."""
        if protocol == self.protocol:
            return self
        return replace(self, dialect=PROTOCOLS[protocol].dialect(), dialects={})

    def dialect_of(self, model: str) -> AnyDialect:
        """How a model is spoken to, whether it is known or not."""
        known = self.model(model)
        can = known.can if known else Capabilities()
        dialect: AnyDialect = PROTOCOLS[self.protocol].fitted(self._dialect(model), can)
        return dialect

    def _dialect(self, model: str) -> AnyDialect:
        fitting = (dialect for pattern, dialect in self.dialects.items() if fnmatchcase(model, pattern))
        return next(fitting, self.dialect)

    def wire(
        self,
        provider: str,
        same_as: Mapping[str, str] | None = None,
        written: Mapping[str, Capabilities] | None = None,
    ) -> Wire:
        """How the vendor is spoken to under the name `provider`.

        `same_as` gives the vendor's own name of models that have another one here, `written` what the operator says of
        models by their names here, who knows better.
        """
        known, said = same_as or {}, written or {}
        protocol = PROTOCOLS[self.protocol]

        @lru_cache(maxsize=256)  # callers choose names; a pattern costs as much as the rest of a short request
        def dialect_of(model: str) -> AnyDialect:
            dialect = self.dialect_of(known.get(model, model))
            if model in said:
                dialect = protocol.fitted(corrected(dialect, said[model]), said[model])
            return dialect

        return protocol.wire(dialect=self.dialect, provider=provider, errors=self.errors, dialect_of=dialect_of)


def model(
    name: str,
    source: Source,
    *,
    window: int | None = None,
    output: int | None = None,
    can: str = "",
    cannot: str = "",
    price: Prices | None = None,
    long: tuple[int, Prices] | None = None,
    peak: Peak | None = None,
    retires: date | None = None,
) -> ModelRow:
    """A row on one line: tokens of the window and of the longest answer, abilities with blanks between, prices.

    What a model is known to lack is said in `cannot`, unless its dialect says it: what is in neither is unknown.
    """
    return ModelRow(
        name=name,
        source=source,
        can=_capabilities(window, output, can.split(), cannot.split()),
        prices=price or Prices(),
        long_from=long[0] if long else None,
        long_prices=long[1] if long else Prices(),
        peak=peak,
        retires=retires,
    )


def usd(
    input: float | None = None,
    output: float | None = None,
    *,
    cached: float | None = None,
    write: float | None = None,
) -> Prices:
    """Prices in US dollars for a million tokens."""
    return Prices(input=_exact(input), cached_input=_exact(cached), cache_write=_exact(write), output=_exact(output))


def _capabilities(window: int | None, output: int | None, can: list[str], cannot: list[str]) -> Capabilities:
    if unknown := {*can, *cannot} - {*WORDS, _REASONING}:
        raise ValueError(f"not a capability: {', '.join(sorted(unknown))}")
    reasoning = Reasoning.SWITCH if _REASONING in can else Reasoning.NONE if _REASONING in cannot else None
    words = {**dict.fromkeys(set(can) - {_REASONING}, True), **dict.fromkeys(set(cannot) - {_REASONING}, False)}
    return Capabilities(context_tokens=window, max_output_tokens=output, reasoning=reasoning, **words)


def _exact(price: float | None) -> Decimal | None:
    return None if price is None else Decimal(str(price))
