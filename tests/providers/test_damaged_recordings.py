"""Recorded answers that are damaged on their way: only a Failure is raised, and the cut into reads does not matter."""

from functools import cache
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.recordings import load, paths
from tests.providers.anthropic import folding as of_anthropic
from tests.providers.garbled import cuts
from tests.providers.gemini import folding as of_gemini
from tests.providers.openai import folding as of_openai

FOLDINGS = {"openai": of_openai, "anthropic": of_anthropic, "gemini": of_gemini}


@cache
def bodies(protocol: str) -> list[tuple[bytes, bool]]:
    """Those of a size that can be tried often, each with whether it was streamed."""
    found = [(load(path)["response"]["body"].encode(), "-stream-" in path.name) for path in paths(protocol)]
    return [(body, streamed) for body, streamed in found if len(body) < 20_000]


@pytest.mark.parametrize(("protocol", "folding"), FOLDINGS.items(), ids=FOLDINGS)
@settings(derandomize=True, max_examples=500, deadline=None)
@given(
    which=st.integers(0, 9999),
    damages=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 9), st.binary(max_size=6)), max_size=5),
    end=st.none() | st.integers(0, 20_000),
)
def test_a_damaged_recording_raises_nothing_but_a_failure(
    protocol: str, folding: ModuleType, which: int, damages: list[tuple[int, int, bytes]], end: int | None
) -> None:
    if not bodies(protocol):
        pytest.skip("no recordings: set RECORDINGS to their folder")
    body, is_stream = bodies(protocol)[which % len(bodies(protocol))]
    for place, length, instead in damages:
        place %= len(body) + 1
        body = body[:place] + instead + body[place + length :]
    body = body[:end]
    if is_stream:
        assert folding.outcome([body]) == folding.outcome(cuts(body, [place for place, _, _ in damages]))
    else:
        assert folding.whole_outcome(body)
