"""What layers reported."""

from typing import TypeVar

from service.chat.call import Call
from service.pipeline.facts import Fact

F = TypeVar("F")


class Facts(list[Fact]):
    """An observer that remembers; strict: observers look at the call, too."""

    def observe(self, call: Call, fact: Fact) -> None:
        """Remembers."""
        assert isinstance(call, Call)
        self.append(fact)

    def of(self, kind: type[F]) -> list[F]:
        """Those of one kind, in order."""
        return [fact for fact in self if isinstance(fact, kind)]
