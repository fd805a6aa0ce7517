from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.repeats import ROUGH, Kind, Repeats


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


ONE: Kind = ("info", "fell back", "one")


def test_ten_in_ten_seconds_are_said_and_the_rest_is_told_when_the_time_is_over() -> None:
    clock = Clock()
    repeats = Repeats(clock)
    assert [repeats.admits(ONE) for _ in range(13)] == [True] * 10 + [False] * 3
    clock.now = 9.9
    assert repeats.over() == []
    clock.now = 10.0
    assert repeats.over() == [(ONE, 3)]
    assert repeats.over() == []
    assert repeats.admits(ONE)


def test_a_window_that_is_over_is_told_although_the_next_has_begun() -> None:
    clock = Clock()
    repeats = Repeats(clock, most=1)
    assert [repeats.admits(ONE) for _ in range(3)] == [True, False, False]
    clock.now = 10.0
    assert [repeats.admits(ONE) for _ in range(2)] == [True, False]
    assert repeats.over() == [(ONE, 2)]
    assert repeats.rest() == [(ONE, 1)]


def test_kinds_that_a_caller_invents_take_no_memory_and_no_room_in_the_log() -> None:
    repeats = Repeats(Clock(), most=2, kinds=100)
    said = [repeats.admits(("info", "fell back", f"p/{n}")) for n in range(10_000)]
    assert sum(said) == 102
    assert repeats.rest() == [(("info", "fell back"), 9_898)]


STEPS = st.lists(st.tuples(st.sampled_from(["a", "b", "tick"]), st.floats(0, 4)), max_size=200)


@given(STEPS, st.integers(1, 5), st.integers(1, 3))
def test_nothing_is_lost_and_nothing_is_said_too_often(steps: list[tuple[str, float]], most: int, kinds: int) -> None:
    clock = Clock()
    repeats = Repeats(clock, most=most, kinds=kinds)
    asked: Counter[str] = Counter()
    told: Counter[str] = Counter()
    said: dict[str, list[float]] = {"a": [], "b": []}
    for name, later in steps:
        clock.now += later
        if name == "tick":
            told.update(dict(named(repeats.over())))
            continue
        asked[name] += 1
        if repeats.admits(("info", "event", name)):
            said[name].append(clock.now)
    told.update(dict(named(repeats.rest())))

    assert asked.total() == sum(map(len, said.values())) + told.total()
    for times in said.values():  # windows of fixed length touch: within any ten seconds there are at most two
        assert all(later - earlier >= 10 for earlier, later in zip(times, times[4 * most :], strict=False))
    for name, count in asked.items():
        if count <= most and kinds > 1:
            assert len(said[name]) == count


def named(counts: list[tuple[Kind, int]]) -> Iterator[tuple[str, int]]:
    sums: Counter[str] = Counter()
    for kind, count in counts:
        sums[str(kind[ROUGH]) if len(kind) > ROUGH else "others"] += count
    yield from sums.items()
