"""The kinds of calls in a soak: what goes wrong in each, and how it must end."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

OK, UNAVAILABLE, LATE, CANCELLED = "OK", "UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"
DEADLINE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Its name is that of its route and of its caller, by which the log tells it apart."""

    name: str
    share: int
    """Calls in a hundred."""
    says: str
    targets: Sequence[str]
    """Models of the provider: each does what it is called, `answers` is sound."""
    streamed: bool = False
    ends: str = OK
    sources: frozenset[str] = frozenset({"MODEL"})
    """Where the answer may come from, if there is one."""
    deadline: float = DEADLINE
    """The caller's, in seconds."""
    leaves: bool = False
    """Whether the caller goes away after the first text."""
    questions: int = 1
    """How many different ones are asked; over 1 the route caches."""
    attempt_timeout: float | None = None
    """The route's, in seconds."""

    @property
    def fails(self) -> bool:
        """Whether the caller gets no answer."""
        return self.ends != OK


SOUND, SOUND_TOO = "answers", "answers-too"
KINDS: Sequence[Kind] = (
    Kind(name="whole", share=39, says="nothing", targets=[SOUND, SOUND_TOO]),
    Kind(name="stream", share=38, says="nothing", targets=[SOUND, SOUND_TOO], streamed=True),
    Kind(
        name="cached",
        share=10,
        says="nothing; three questions for each place in the cache",
        targets=[SOUND],
        sources=frozenset({"MODEL", "CACHE"}),
        questions=3000,
    ),
    Kind(name="fallback", share=1, says="500 from the first target", targets=["fails", SOUND]),
    Kind(name="moved-on", share=1, says="429 from the first target", targets=["limits", SOUND], streamed=True),
    Kind(name="rule", share=1, says="500 from all, a rule answers", targets=["fails"], sources=frozenset({"RULE"})),
    Kind(name="error", share=2, says="500 from all", targets=["fails", "fails-too"], ends=UNAVAILABLE),
    Kind(name="limited", share=1, says="429 from all", targets=["limits"], streamed=True, ends=UNAVAILABLE),
    Kind(name="cut", share=2, says="the stream breaks", targets=["cuts"], streamed=True, ends=UNAVAILABLE),
    Kind(name="malformed", share=1, says="the answer is no JSON", targets=["babbles"], ends=UNAVAILABLE),
    Kind(name="slow", share=1, says="no answer in time", targets=["dawdles"], ends=UNAVAILABLE, attempt_timeout=0.1),
    Kind(name="late", share=1, says="the caller's deadline passes", targets=["dawdles"], ends=LATE, deadline=1.0),
    Kind(name="left", share=2, says="the caller leaves", targets=["drips"], streamed=True, ends=CANCELLED, leaves=True),
)
CACHE_ENTRIES = 1000


def hundred(seed: int) -> Sequence[Kind]:
    """A hundred calls, shuffled the same way for the same seed."""
    calls = [kind for kind in KINDS for _ in range(kind.share)]
    random.Random(seed).shuffle(calls)
    return calls
