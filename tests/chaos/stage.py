"""Where one row is played: its route, the providers behind it, and what the caller saw."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from mainstay import text_of
from mainstay.messages import Question, RequestFields
from tests.chaos.baseline import TOTAL
from tests.chaos.expect import expect
from tests.chaos.house import House
from tests.chaos.provider import Provider
from tests.chaos.scenario import PRIMARY, SECONDARY, Mode, Row
from tests.chaos.seen import Seen, see

QUESTION = "What is a circuit breaker?"
HEALTHY = "primary/healthy"
"""Nothing ever befalls this target."""


@dataclass(slots=True)
class Stage:
    """Used once. `saw` and `attempts` are what the table shows."""

    row: Row
    house: House
    saw: str = ""
    attempts: int = 0

    @property
    def name(self) -> str:
        """The route, and the model at both providers."""
        return self.row.name

    @property
    def streamed(self) -> bool:
        """How the caller asks."""
        return self.row.mode is Mode.STREAM

    @property
    def primary(self) -> Provider:
        """The one that misbehaves."""
        return self.house.providers[PRIMARY]

    @property
    def secondary(self) -> Provider:
        """The one that is asked next."""
        return self.house.providers[SECONDARY]

    async def break_with(self, *, primary: str = "", secondary: str = "", first: int | None = None) -> None:
        """Faults for this row's model; `first`: at the primary, for that many requests only."""
        await self.primary.break_with(self._rules(primary, {} if first is None else {"first": first}))
        await self.secondary.break_with(self._rules(secondary, {}))

    def _rules(self, fault: str, when: Mapping[str, object]) -> list[Mapping[str, object]]:
        return [{"model": self.name, "fault": fault, **when}] if fault else []

    async def ask(
        self, seconds: float | None = None, question: Question = QUESTION, **fields: Unpack[RequestFields]
    ) -> Seen:
        """One call along this row's route; without `seconds` its deadline is the baseline's."""
        fields.setdefault("model", self.name)
        limit = TOTAL / self.row.scenario.scale if seconds is None else seconds
        return await see(self.house.client, question, streamed=self.streamed, seconds=limit, **fields)

    async def whole_text(self, tokens: int) -> str:
        """What a provider that is well answers to QUESTION, in so many tokens."""
        model = f"{HEALTHY}+tokens({tokens})"
        seen = await see(self.house.client, QUESTION, streamed=False, seconds=TOTAL, model=model)
        return text_of(seen.answer)

    async def requests(self, provider: Provider) -> list[dict[str, Any]]:
        """What this row asked of a provider, as that saw it."""
        return await provider.requests(self.name)

    def tell(self, saw: str, attempts: int) -> None:
        """For the table."""
        self.saw, self.attempts = saw, attempts

    def tell_of(self, seen: Seen) -> None:
        """For the table, when there was one call."""
        self.tell(seen.phrase, sum(seen.requests_to(name) for name in self.house.providers))

    async def expect_the_truth(self, seen: Seen) -> None:
        """The provenance names every request that the providers got, and no other; and there is a trace."""
        for name, provider in self.house.providers.items():
            expect(f"requests that the {name} got", len(await self.requests(provider)), seen.requests_to(name))
        expect("digits of the trace id", len(seen.provenance.trace_id), 32)
