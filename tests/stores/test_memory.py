"""What the memory store keeps, and what it forgets."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service.stores.memory import ENTRY_OVERHEAD, LARGEST_SHARE, MemoryStore

T = TypeVar("T")
SMALL = ENTRY_OVERHEAD + 2  # a key and an answer of one byte each


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def store(clock: Clock, *, entries: int = 100, max_bytes: int = 100 * SMALL) -> MemoryStore:
    return MemoryStore(max_bytes=max_bytes, max_entries=entries, now=clock)


async def keys(store: MemoryStore, names: bytes) -> bytes:
    """Those of the one-letter keys that are still there. Reading is use: it makes the last one the most recent."""
    return b"".join([name for name in (bytes([n]) for n in names) if await store.get(name) is not None])


async def put_all(store: MemoryStore, names: bytes, ttl: float = 60) -> None:
    for name in names:
        await store.put(bytes([name]), b"x", ttl)


async def test_what_was_put_last_is_what_comes_back(clock: Clock) -> None:
    kept = store(clock)
    assert await kept.get(b"k") is None
    await kept.put(b"k", b"old", 60)
    await kept.put(b"k", b"new", 60)
    assert await kept.get(b"k") == b"new"
    assert (len(kept), kept.taken) == (1, ENTRY_OVERHEAD + 4)


async def test_an_answer_is_there_until_its_time_and_then_takes_no_room(clock: Clock) -> None:
    kept = store(clock)
    await kept.put(b"k", b"x", 60)
    clock.seconds += 59.9
    assert await kept.get(b"k") == b"x"
    clock.seconds += 0.1
    assert await kept.get(b"k") is None
    assert (len(kept), kept.taken) == (0, 0)


async def test_a_new_answer_brings_its_own_time(clock: Clock) -> None:
    kept = store(clock)
    await kept.put(b"k", b"old", 10)
    await kept.put(b"k", b"new", 60)
    clock.seconds += 30
    assert await kept.get(b"k") == b"new"


@pytest.mark.parametrize("ttl", [0, -1])
async def test_no_time_is_not_kept_and_neither_is_what_was_there(clock: Clock, ttl: float) -> None:
    kept = store(clock)
    await kept.put(b"k", b"x", 60)
    await kept.put(b"k", b"y", ttl)
    assert await kept.get(b"k") is None


async def test_an_entry_too_many_pushes_out_the_one_that_was_read_or_put_the_longest_ago(clock: Clock) -> None:
    kept = store(clock, entries=3)
    await put_all(kept, b"abc")
    await kept.get(b"a")
    await kept.put(b"b", b"y", 60)
    await put_all(kept, b"d")
    assert await keys(kept, b"abcd") == b"abd"


async def test_a_byte_too_many_pushes_out_as_many_as_it_takes(clock: Clock) -> None:
    kept = store(clock, max_bytes=10 * SMALL)
    await put_all(kept, b"abcdefghij")
    assert len(kept) == 10
    await kept.put(b"k", b"xx", 60)  # one byte more than one of the others took
    assert await keys(kept, b"abcdefghijk") == b"cdefghijk"


async def test_what_has_expired_goes_before_what_was_used_long_ago(clock: Clock) -> None:
    kept = store(clock, entries=3)
    await put_all(kept, b"a", ttl=100)
    await put_all(kept, b"bc", ttl=10)
    clock.seconds += 10
    await put_all(kept, b"d")
    assert (await keys(kept, b"abcd"), len(kept)) == (b"ad", 2)


async def test_an_entry_that_takes_more_than_its_share_is_not_kept(clock: Clock) -> None:
    kept = store(clock, max_bytes=LARGEST_SHARE * 1000)
    fits = bytes(1000 - ENTRY_OVERHEAD - 1)
    await kept.put(b"a", fits, 60)
    await kept.put(b"b", fits + b"x", 60)
    assert await keys(kept, b"ab") == b"a"


async def test_keys_that_are_put_over_and_over_take_no_room(clock: Clock) -> None:
    kept = store(clock)
    for _ in range(1000):
        await put_all(kept, b"ab")
    assert len(kept._expiries) < 50


def done(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]  # what StopIteration holds is what T says
    raise AssertionError("the memory store waited")


names = st.sampled_from([b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"])


class AnyHistory(RuleBasedStateMachine):
    """Any history of puts, reads and time, against a plain list, least recently used first."""

    MAX_BYTES = LARGEST_SHARE * 700
    MAX_ENTRIES = 5

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.store = store(self.clock, entries=self.MAX_ENTRIES, max_bytes=self.MAX_BYTES)
        self.model: list[tuple[bytes, bytes, float]] = []

    @rule(key=names, size=st.integers(0, 250), ttl=st.integers(-1, 20))
    def put(self, key: bytes, size: int, ttl: int) -> None:
        done(self.store.put(key, bytes(size), ttl))
        self.model = [row for row in self.model if row[0] != key]
        if ttl <= 0 or self.cost(key, bytes(size)) > self.MAX_BYTES // LARGEST_SHARE:
            return
        row = (key, bytes(size), self.clock.seconds + ttl)
        if not self.fits([*self.model, row]):
            self.model = [other for other in self.model if other[2] > self.clock.seconds]
        while not self.fits([*self.model, row]):
            self.model.pop(0)
        self.model.append(row)

    @rule(key=names)
    def get(self, key: bytes) -> None:
        found = next((row for row in self.model if row[0] == key), None)
        self.model = [row for row in self.model if row is not found]
        alive = found is not None and found[2] > self.clock.seconds
        if found is not None and alive:
            self.model.append(found)
        assert done(self.store.get(key)) == (found[1] if found is not None and alive else None)

    @rule(seconds=st.integers(0, 15))
    def wait(self, seconds: int) -> None:
        self.clock.seconds += seconds

    @invariant()
    def it_is_within_its_bounds_and_counts_right(self) -> None:
        assert len(self.store) == len(self.model) <= self.MAX_ENTRIES
        assert self.store.taken == sum(self.cost(row[0], row[1]) for row in self.model) <= self.MAX_BYTES

    @staticmethod
    def cost(key: bytes, answer: bytes) -> int:
        return ENTRY_OVERHEAD + len(key) + len(answer)

    def fits(self, rows: list[tuple[bytes, bytes, float]]) -> bool:
        return len(rows) <= self.MAX_ENTRIES and sum(self.cost(row[0], row[1]) for row in rows) <= self.MAX_BYTES


TestAnyHistory = AnyHistory.TestCase
