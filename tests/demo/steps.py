"""The story, step by step: what is done to the providers, what is asked, and what must be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from mainstay import v1 as pb

A_BREAKER = "What is a circuit breaker?"


class Trouble(Enum):
    """What happens before the question."""

    NONE = auto()
    PRIMARY_STUMBLES = auto()
    PRIMARY_DIES = auto()
    SECONDARY_DIES = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`sees` and `attempts` are in the words of `tests.chaos.seen`."""

    title: str
    told: str
    trouble: Trouble = Trouble.NONE
    question: str
    streamed: bool = True
    cache: bool = False
    sees: str
    attempts: Sequence[str]

    @property
    def policy(self) -> pb.CallPolicy:
        """Caching is asked for: most questions want a fresh answer."""
        return pb.CallPolicy(cache=pb.CACHE_MODE_USE if self.cache else pb.CACHE_MODE_UNSPECIFIED)


STEPS = [
    Step(
        title="A question, and the answer in one piece · 一问一答",
        told="Both providers are well. The route `default` prefers the primary.",
        question="什么是机器学习?",
        streamed=False,
        sees="completed by primary",
        attempts=["primary ANSWERED"],
    ),
    Step(
        title="The answer as it comes · 流式回答",
        told="The caller allows that the answer is kept in the cache.",
        question=A_BREAKER,
        cache=True,
        sees="completed by primary",
        attempts=["primary ANSWERED"],
    ),
    Step(
        title="The primary stumbles · 主服务商出错一次",
        told="It answers the next request with 503. The same target is asked again.",
        trouble=Trouble.PRIMARY_STUMBLES,
        question="gRPC 是什么?",
        sees="completed by primary",
        attempts=["primary OVERLOADED", "primary ANSWERED"],
    ),
    Step(
        title="The primary dies · 主服务商宕机",
        told="Its process is killed, nobody listens any more. Two retries, then the next target.",
        trouble=Trouble.PRIMARY_DIES,
        question="How do I make tea?",
        sees="completed by secondary",
        attempts=["primary UNREACHABLE"] * 3 + ["secondary ANSWERED"],
    ),
    Step(
        title="A question that was asked before · 重复的问题",
        told="The same as in step 2. The answer comes from the cache: nobody is asked.",
        question=A_BREAKER,
        cache=True,
        sees="cached answer",
        attempts=[],
    ),
    Step(
        title="Everything dies · 全部宕机",
        told="The secondary is killed, too. After five failures in a row the circuit of the primary opens. "
        "A rule answers, and says that it is no model.",
        trouble=Trouble.SECONDARY_DIES,
        question="这个服务多少钱?",
        sees="rule answer",
        attempts=["primary UNREACHABLE"] * 2 + ["primary SKIPPED"] + ["secondary UNREACHABLE"] * 2,
    ),
]
