"""Tells how large questions are: exactly where the model's vocabulary is here, else by the estimate."""

import asyncio
from collections.abc import Callable, Sequence

from mainstay import v1 as pb
from service.chat.counting import Size, Vocabulary
from service.chat.target import Target
from service.composition.vocabulary import CountText, counted
from service.policies import tokens
from service.policies.estimates import Estimates

AT_ONCE_BYTES = 8_192
"""Larger questions are counted beside the event loop: a millisecond or more for each vocabulary."""


class Counting:
    """Counts one large question at a time: threads that count leave the event loop little time to run."""

    def __init__(
        self,
        estimates: Estimates,
        vocabulary_of: Callable[[Target], Vocabulary | None],
        load: Callable[[str], CountText | None],
    ) -> None:
        """`load` is asked once for each vocabulary, when it is needed first."""
        self._estimates = estimates
        self._vocabulary_of = vocabulary_of
        self._load = load
        self._loaded: dict[str, CountText | None] = {}
        self._one = asyncio.Semaphore(1)

    async def __call__(self, request: pb.ChatRequest, targets: Sequence[Target]) -> Sequence[Size]:
        """The size of the question for each target."""
        vocabularies = [self._vocabulary_of(target) for target in targets]
        if request.ByteSize() <= AT_ONCE_BYTES and all(v is None or v.name in self._loaded for v in vocabularies):
            sizes = self._sizes(request, targets, vocabularies)
        else:
            async with self._one:
                sizes = await asyncio.to_thread(self._sizes, request, targets, vocabularies)
        return [
            size if size.exact else self._corrected(size, target) for size, target in zip(sizes, targets, strict=True)
        ]

    def _corrected(self, size: Size, target: Target) -> Size:
        return Size(None if size.tokens is None else self._estimates.corrected(size.tokens, target))

    def _sizes(
        self, request: pb.ChatRequest, targets: Sequence[Target], vocabularies: Sequence[Vocabulary | None]
    ) -> list[Size]:
        exact = {v: self._exactly(request, v) for v in set(vocabularies) if v is not None}
        guesses: dict[tokens.Weights, int | None] = {}
        sizes = []
        for target, vocabulary in zip(targets, vocabularies, strict=True):
            if vocabulary is not None and (number := exact[vocabulary]) is not None:
                sizes.append(Size(number, exact=True))
                continue
            weights = tokens.weights_of(target.model)
            if weights not in guesses:
                guesses[weights] = tokens.of_request(request, weights)
            sizes.append(Size(guesses[weights]))
        return sizes

    def _exactly(self, request: pb.ChatRequest, vocabulary: Vocabulary) -> int | None:
        if vocabulary.name not in self._loaded:
            self._loaded[vocabulary.name] = self._load(vocabulary.name)
        count = self._loaded[vocabulary.name]
        return None if count is None else counted(request, vocabulary, count)
