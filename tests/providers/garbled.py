"""What providers send when something is wrong: JSON that is nearly as it should be; and bodies cut anywhere."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

Strategy = st.SearchStrategy[Any]

numbers = st.sampled_from([-1, 0, 1, 2, 2**31, 2**63, 2**64 - 1, 1.5, 1e300])


def anything_of(words: Strategy) -> Strategy:
    """JSON without a form; its texts and keys are words that mean something to the protocol."""
    return st.recursive(
        st.none() | st.booleans() | numbers | words,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=6,
    )


def nearly(anything: Strategy) -> Callable[..., Strategy]:
    """Makes objects that have any of the fields, mostly as they should; now and then something else altogether."""

    def shaped(**fields: Strategy) -> Strategy:
        usual = st.fixed_dictionaries({}, optional={name: value | anything for name, value in fields.items()})
        return usual | usual | usual | anything

    return shaped


def cuts(body: bytes, places: list[int]) -> list[bytes]:
    """The body in pieces."""
    ends = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(ends)]
