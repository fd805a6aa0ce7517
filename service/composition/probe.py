"""`check --probe`: asks each target for one token, as any call would, and tells what came of it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.failures import Failure
from service.chat.horizon import Horizon
from service.chat.reply import Handler
from service.chat.target import Candidate, Target
from service.config import Settings

SECONDS = 30.0
AT_ONCE = 8
_QUESTION = "Say yes."


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of asking one target; `failure` is None if it answered."""

    target: Target
    seconds: float
    failure: Failure | None = None

    def __str__(self) -> str:
        said = f"{self.failure.reason}: {self.failure.detail}" if self.failure else "ok"
        return f"{self.seconds:6.2f} s  {said}"


async def probe(
    targets: Iterable[Target], handlers: Mapping[str, Handler], now: Callable[[], float]
) -> Sequence[Probed]:
    """The outcome for each target, in order; `handlers` ask the provider of that name."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(target: Target) -> Probed:
        async with turns:
            return await _probed(target, handlers[target.provider], now)

    return await asyncio.gather(*map(one, targets))


def usable_targets(settings: Settings) -> list[Target]:
    """The targets of all routes that can be asked, each once, in the order of the routes' names."""
    return list(dict.fromkeys(target for name in sorted(settings.routes) for target in settings.usable_targets(name)))


def table(outcomes: Sequence[Probed]) -> str:
    """A line for each target."""
    width = max((len(str(outcome.target)) for outcome in outcomes), default=0)
    return "".join(f"  {outcome.target!s:<{width}}  {outcome}\n" for outcome in outcomes)


async def _probed(target: Target, handler: Handler, now: Callable[[], float]) -> Probed:
    begun = now()
    failure = None
    try:
        async with asyncio.timeout(SECONDS):
            reply = await handler(_call(target, begun))
            try:
                async for _ in reply:
                    pass
            finally:
                await reply.aclose()
    except Failure as told:
        failure = told
    except TimeoutError:
        failure = Failure(pb.FAILURE_KIND_TOO_SLOW, f"no answer within {SECONDS:g} s")
    return Probed(target, now() - begun, failure)


def _call(target: Target, now: float) -> Call:
    message = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text=_QUESTION)])
    return Call(
        id="probe",
        request=pb.ChatRequest(messages=[message], max_output_tokens=1),
        caller="mainstayd check",
        streamed=False,
        arrived=now,
        horizon=Horizon(now + SECONDS),
        candidates=[Candidate(target=target)],
        target=target,
        clocks=Clocks(connect=SECONDS, attempt=SECONDS),
    )
