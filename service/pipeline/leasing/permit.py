"""A permit: for one request, with one key."""

from mainstay import v1 as pb
from service.chat.permit import Allowances
from service.chat.reply import Abandoned, Broken, Completed, Ending
from service.pipeline.leasing.line import Line
from service.policies.appetite import Appetite
from service.policies.cost import BILLED
from service.policies.lanes import Taken


class Permit:
    """Implements `chat.permit.Permit`."""

    __slots__ = ("_appetite", "_is_over", "_line", "_taken", "key")

    def __init__(self, taken: Taken, line: Line, appetite: Appetite) -> None:
        self.key = taken.key
        self._taken = taken
        self._line = line
        self._appetite = appetite
        self._is_over = False

    def heard(self, said: Allowances) -> None:
        """See `chat.permit.Permit.heard`."""
        self._taken.lane.learn(said, self._taken.reserved)
        if len(self._line):
            self._line.advance()

    def ended(self, ending: Ending) -> None:
        """See `chat.permit.Permit.ended`. A request that nobody worked on is paid back whole."""
        if self._is_over:
            return
        self._is_over = True
        _, lane, reserved = self._taken
        match ending:
            case Completed(response) if response.HasField("usage"):
                self._appetite.learn(response.usage)
                lane.settle(reserved, response.usage.input_tokens + response.usage.output_tokens)
            case Broken(failure) if failure.kind not in BILLED:
                lane.give_back(reserved)
                if failure.kind == pb.FAILURE_KIND_RATE_LIMITED and failure.retry_after is not None:
                    lane.hold(failure.retry_after)
            case Completed() | Broken() | Abandoned():
                lane.settle(reserved, None)
        if len(self._line):
            self._line.advance()
