"""What a play says when something is not as it must be, and what is a mistake of its own."""

import asyncio

import pytest

from mainstay import MainstayError
from tests.chaos.expect import Unmet
from tests.chaos.run import complaint_of


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (Unmet("it was 3"), "it was 3"),
        (AssertionError("a credential got out"), "AssertionError: a credential got out"),
        (MainstayError("no"), "MainstayError: no [UNKNOWN]"),
    ],
)
@pytest.mark.parametrize("deep", [False, True], ids=["itself", "by one of its callers"])
async def test_what_is_wrong_is_told_whoever_finds_it(raised: Exception, said: str, deep: bool) -> None:
    assert await complaint_of(lambda: (in_a_group if deep else itself)(raised)) == said


async def test_a_mistake_of_the_play_is_not_told_as_a_failure_of_the_service() -> None:
    with pytest.raises(ExceptionGroup):
        await complaint_of(lambda: in_a_group(KeyError("chunks")))
    assert await complaint_of(nothing) is None


async def itself(raised: Exception) -> None:
    raise raised


async def in_a_group(raised: Exception) -> None:
    async with asyncio.TaskGroup() as callers:
        callers.create_task(itself(raised))


async def nothing() -> None:
    """Goes well."""
