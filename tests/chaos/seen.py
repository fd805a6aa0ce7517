"""What the caller of one call saw."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

from mainstay import ChatClient, MainstayError, text_of
from mainstay import v1 as pb
from mainstay.messages import Question, RequestFields
from tests.chaos.scenario import role

_OTHERS = {pb.SOURCE_CACHE: "cached answer", pb.SOURCE_STALE_CACHE: "stale answer", pb.SOURCE_RULE: "rule answer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Either a response, whole, or an error; `seconds` from the question to it, `text` what was shown until then."""

    seconds: float
    text: str = ""
    resets: Sequence[str] = ()
    """How the answer went on each time that it broke: CONTINUE or DISCARD."""
    response: pb.ChatResponse | None = None
    error: MainstayError | None = None

    @property
    def phrase(self) -> str:
        """In a few words: `completed by secondary`, `UNAVAILABLE CUT_OFF`, `rule answer`."""
        if self.error is not None:
            return f"{self.error.code.name} {self.error.reason or 'not from Mainstay'}"
        assert self.response is not None
        return _OTHERS.get(self.response.source, f"completed by {role(self.response.provenance.provider)}")

    @property
    def answer(self) -> pb.ChatResponse:
        """The response, where there must be one."""
        assert self.response is not None
        return self.response

    @property
    def provenance(self) -> pb.Provenance:
        """How it came about; empty if nobody said."""
        if self.response is not None:
            return self.response.provenance
        failure = self.error.call_failure if self.error else None
        return failure.provenance if failure else pb.Provenance()

    @property
    def attempts(self) -> list[str]:
        """One phrase for each row: `primary RATE_LIMITED`, `secondary ANSWERED`."""
        return [f"{role(attempt.provider)} {_ending(attempt)}" for attempt in self.provenance.attempts]

    def requests_to(self, provider: str) -> int:
        """How many requests it is said to have got."""
        skipped = pb.ATTEMPT_OUTCOME_SKIPPED
        return sum(role(row.provider) == provider and row.outcome != skipped for row in self.provenance.attempts)


def _ending(attempt: pb.Attempt) -> str:
    if attempt.outcome == pb.ATTEMPT_OUTCOME_FAILED:
        return pb.FailureKind.Name(attempt.failure).removeprefix("FAILURE_KIND_")
    return pb.AttemptOutcome.Name(attempt.outcome).removeprefix("ATTEMPT_OUTCOME_")


async def see(
    client: ChatClient, question: Question, *, streamed: bool, seconds: float, **fields: Unpack[RequestFields]
) -> Seen:
    """Asks, with a deadline of that many seconds, and tells what came of it."""
    began, shown = time.monotonic(), _Shown()
    try:
        if streamed:
            async with client.stream(question, timeout=seconds, **fields) as stream:
                async for event in stream:
                    shown.add(event)
            response = stream.response
        else:
            response = await client.chat(question, timeout=seconds, **fields)
    except MainstayError as error:
        return Seen(seconds=time.monotonic() - began, text=shown.text, resets=shown.resets, error=error)
    return Seen(seconds=time.monotonic() - began, text=text_of(response), resets=shown.resets, response=response)


class _Shown:
    """What a stream has brought so far: what came before a failure counts."""

    def __init__(self) -> None:
        self.text = ""
        self.resets: list[str] = []

    def add(self, event: pb.ChatEvent) -> None:
        if event.HasField("attempt_reset"):
            self.resets.append(pb.ResetMode.Name(event.attempt_reset.mode).removeprefix("RESET_MODE_"))
            if event.attempt_reset.mode == pb.RESET_MODE_DISCARD:
                self.text = ""
        self.text += event.text_delta.text
