"""Goes on with a stream that broke after its caller had seen some of it, and says so.

    started, text, text ──breaks──▶ attempt_reset CONTINUE, more text, completed      after what was said, or
                                    attempt_reset DISCARD, all text anew, completed   from the beginning

It searches like the first time, from the first target on, with the attempts and the budgets that are left. If nobody
goes on, the failure that broke the stream is told, whatever those said who were asked then.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.continuation import View, view_of
from service.pipeline.facts import Observe, Recovered
from service.policies.budget import Budget
from service.policies.per_target import PerTarget
from service.policies.recovery import Said, continued, may_ask, modes_of


class Recover:
    """Only streams can break after they have begun: a unary call has shown nothing before its end."""

    def __init__(self, *, budgets: PerTarget[Budget], observe: Observe) -> None:
        self._budgets = budgets
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises what it gets before the answer has begun; after that its reply raises what broke it for good."""
        reply = await forward(call)
        if reply.is_whole or not call.streamed or call.conditions.recovery == pb.RECOVERY_FAIL:
            return reply
        return Reply(_Recovering(reply, call, forward, self._again))

    async def _again(self, call: Call, forward: Handler, failure: Failure, said: Said) -> "_Next | None":
        """An answer that goes on with that of the call's target, and which has begun; None: there is none."""
        for mode in modes_of(call, failure, said):
            candidates = [one for one in call.candidates if may_ask(call, one, mode, self._budgets)]
            if not candidates or call.ledger.requests >= call.conditions.max_attempts:
                continue
            self._observe(call, Recovered(call.ledger.latest_of(call.target), call.target, mode, failure))
            try:
                return _Next(await forward(_recovering(call, candidates, mode, said)), mode, view_of(mode, said))
            except Failure:
                pass  # its rows stand in the ledger; what broke the stream is what the caller is to know
        return None


def _recovering(call: Call, candidates: Sequence[Candidate], mode: pb.ResetMode.ValueType, said: Said) -> Call:
    target, request = candidates[0].target, call.request
    if mode == pb.RESET_MODE_CONTINUE:
        request = continued(request, said.text, target.model)
    return changed(call, request=request, candidates=candidates, target=target, cause=pb.ATTEMPT_CAUSE_RECOVERY)


class _Next(NamedTuple):
    """An answer that goes on with another, and how it is shown."""

    reply: Reply
    mode: pb.ResetMode.ValueType
    view: View | None
    """None: its events are shown as they are."""


Again = Callable[[Call, Handler, Failure, Said], Awaitable[_Next | None]]


class _Recovering:
    """The answer, and those that go on with it."""

    def __init__(self, reply: Reply, call: Call, forward: Handler, again: Again) -> None:
        self._reply = reply
        self._call = call
        self._forward = forward
        self._again = again
        self._said = Said()
        self._view: View | None = None
        self._speaker = call.target
        """Whose words are shown now."""

    async def __anext__(self) -> pb.ChatEvent:
        while True:
            try:
                event = await self._reply.__anext__()
            except Failure as failure:
                return await self._gone_on(failure)
            if event.HasField("started"):
                self._speaker = Target(event.started.provider, event.started.model)
            shown = event if self._view is None else self._view(event)
            if shown is not None:
                self._said.add(shown)
                return shown

    async def aclose(self) -> None:
        await self._reply.aclose()

    async def _gone_on(self, failure: Failure) -> pb.ChatEvent:
        """Turns to an answer that goes on, and tells of it. Raises the failure if there is none."""
        following = await self._again(changed(self._call, target=self._speaker), self._forward, failure, self._said)
        if following is None:
            raise failure
        self._reply, mode, self._view = following
        if mode == pb.RESET_MODE_DISCARD:
            self._said = Said()
        started = (await self._reply.__anext__()).started
        self._speaker = Target(started.provider, started.model)
        return pb.ChatEvent(attempt_reset=_reset(mode, failure, started))


def _reset(mode: pb.ResetMode.ValueType, failure: Failure, started: pb.Started) -> pb.AttemptReset:
    how = "went on with it" if mode == pb.RESET_MODE_CONTINUE else "began anew"
    notice = f"the answer broke off, and {started.provider}/{started.model} {how}"
    return pb.AttemptReset(
        mode=mode,
        reason=failure.kind,
        provider=started.provider,
        model=started.model,
        source=started.source,
        notice="; ".join(filter(None, (notice, started.notice))),
    )
