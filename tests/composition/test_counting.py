"""Who is counted exactly, who is estimated, and where."""

import threading
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.counting import Size, Vocabulary
from service.chat.target import Target
from service.composition.counting import AT_ONCE_BYTES, Counting
from service.policies.estimates import Estimates
from service.policies.tokens import of_request, weights_of

GPT, QWEN = Target("openai", "gpt-4.1"), Target("qwen", "qwen3.8-max")
WORDS = Vocabulary("words", per_message=1, in_all=10)


def asking(text: str, **fields: object) -> pb.ChatRequest:
    return pb.ChatRequest(messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text=text)])], **fields)  # type: ignore[arg-type]


class Shelf:
    """Has one vocabulary, in which a word is a token; remembers who asked for it, and where it was counted."""

    def __init__(self, count: Callable[[str], int] | None = lambda text: len(text.split())) -> None:
        self._count = count
        self.asked: list[str] = []
        self.threads: set[int] = set()

    def load(self, name: str) -> Callable[[str], int] | None:
        self.asked.append(name)
        return None if self._count is None else self._counted

    def _counted(self, text: str) -> int:
        assert self._count is not None
        self.threads.add(threading.get_ident())
        return self._count(text)


def vocabulary_of(target: Target) -> Vocabulary | None:
    return WORDS if target == GPT else None


def counting(shelf: Shelf, estimates: Estimates | None = None) -> Counting:
    return Counting(estimates or Estimates(), vocabulary_of, shelf.load)


async def test_who_has_a_vocabulary_is_counted_and_the_others_are_estimated_in_order() -> None:
    request = asking("one two three")
    guess = of_request(request, weights_of(QWEN.model))
    sizes = await counting(Shelf())(request, [QWEN, GPT])
    assert sizes == [Size(guess), Size(3 + 1 + 10, exact=True)]


async def test_a_vocabulary_is_loaded_once_and_only_if_somebody_counts_in_it() -> None:
    shelf = Shelf()
    count = counting(shelf)
    await count(asking("hi"), [QWEN])
    assert shelf.asked == []
    for _ in range(3):
        await count(asking("hi"), [GPT])
    assert shelf.asked == ["words"]


async def test_without_the_extra_everybody_is_estimated() -> None:
    request = asking("one two three")
    assert await counting(Shelf(None))(request, [GPT]) == [Size(of_request(request))]


async def test_what_is_more_than_text_is_estimated_and_pictures_are_unknown() -> None:
    with_tools = asking("hi", tools=[pb.Tool(name="f")])
    assert await counting(Shelf())(with_tools, [GPT]) == [Size(of_request(with_tools))]
    picture = pb.ChatRequest(messages=[pb.Message(parts=[pb.Part(image=pb.Media(url="https://x"))])])
    assert await counting(Shelf())(picture, [GPT, QWEN]) == [Size(None), Size(None)]


async def test_an_estimate_is_corrected_by_what_was_learnt_and_a_count_is_not() -> None:
    estimates, request = Estimates(), asking("mast " * 1000)
    guess = of_request(request, weights_of(QWEN.model))
    assert guess
    for target in (GPT, QWEN):
        estimates.learn(request, target, 2 * guess)
    sizes = await counting(Shelf(), estimates)(request, [GPT, QWEN])
    assert sizes[0] == Size(1011, exact=True)
    assert sizes[1].tokens == pytest.approx(1.5 * guess, abs=2)


async def test_only_small_questions_are_counted_on_the_loop() -> None:
    shelf = Shelf()
    count = counting(shelf)
    await count(asking("hi"), [GPT])  # loads it
    shelf.threads.clear()
    await count(asking("hi"), [GPT])
    assert shelf.threads == {threading.get_ident()}
    shelf.threads.clear()
    await count(asking("x " * AT_ONCE_BYTES), [GPT])
    assert shelf.threads
    assert threading.get_ident() not in shelf.threads


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Real time: threads take some."""
    return "asyncio", {}
