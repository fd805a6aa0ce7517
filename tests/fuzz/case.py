"""One damaged body and how it comes: made from a seed and an index, so that it can be made again."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from tests.fuzz.bodies import Body, Form
from tests.fuzz.damage import DAMAGES
from tests.fuzz.reshape import reshape

_BYTEWISE = 3_000  # bytes of a body that may come one by one
_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """A damaged body; `cuts` are where its reads end."""

    form: Form
    data: bytes
    cuts: tuple[int, ...]
    structured: bool = False
    think_tags: bool = False
    status: int = 500
    protocol: str = "openai"

    def reads(self) -> list[bytes]:
        """The body as it comes off the network."""
        return [self.data[start:end] for start, end in pairwise((0, *self.cuts, len(self.data)))]


def make_case(sources: Sequence[Body], seed: int, index: int) -> Case:
    """The case with that index; now and then a body is undamaged, or decoded as what it is not."""
    rng = Random(f"{seed}/{index}")
    body, other = rng.choice(sources), rng.choice(sources)
    data = body.data
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 6))):
        if not data:
            break
        damage = reshape if rng.random() < 0.4 else rng.choice(DAMAGES)
        data = damage(rng, data, other.data)[:_LONGEST]
    form = body.form if rng.random() < 0.97 else rng.choice(list(Form))
    status = rng.choice((400, 401, 404, 413, 429, 500, 503, 529, 302, 999))
    return Case(form, data, _cuts(rng, len(data)), rng.random() < 0.2, rng.random() < 0.3, status, body.protocol)


def _cuts(rng: Random, length: int) -> tuple[int, ...]:
    chance = rng.random()
    if chance < 0.2:
        return ()
    if chance < 0.3 and length <= _BYTEWISE:
        return tuple(range(1, length))
    return tuple(sorted(rng.randrange(length + 1) for _ in range(rng.choice((1, 3, 10, 60)))))
