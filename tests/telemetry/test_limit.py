import structlog

from service.telemetry.repeats import Repeats
from tests.kit.written import written

log = structlog.get_logger()


def say(count: int, target: str = "one", **fields: object) -> None:
    for number in range(count):
        log.info("fell back", target=target, reason="OVERLOADED", call_id=f"call_{number}", **fields)


def test_an_outage_is_ten_lines_and_one_that_counts_the_rest() -> None:
    with written() as lines:
        say(5000)
        assert [line["call_id"] for line in lines.of("fell back")] == [f"call_{number}" for number in range(10)]
        lines.now = 10.0
        lines.limit.tick()
        (counted,) = lines.of("fell back")[10:]
        del counted["timestamp"]
        assert counted == {
            "event": "fell back",
            "level": "info",
            "target": "one",
            "reason": "OVERLOADED",
            "repeated": 4990,
        }
        lines.limit.tick()
        assert len(lines) == 11


def test_another_target_is_another_matter() -> None:
    with written() as lines:
        say(20)
        say(3, "two")
    assert [line["target"] for line in lines.of("fell back")] == ["one"] * 10 + ["two"] * 3


def test_what_was_held_back_is_told_at_the_end() -> None:
    with written() as lines:
        say(12)
        lines.limit.finish()
    assert lines.of("fell back")[-1]["repeated"] == 2


def test_access_lines_and_debug_lines_are_all_written() -> None:
    with written() as lines:
        for _ in range(50):
            log.warning("call", fields={"reason": "OVERLOADED"})
            log.debug("target skipped", target="one")
    assert len(lines) == 100


def test_tracebacks_of_one_bug_are_limited_and_another_bug_is_still_seen() -> None:
    with written() as lines:
        for number in [*range(50), 7]:
            try:
                raise ValueError(number) if number else KeyError
            except (ValueError, KeyError):
                log.exception("a call met a bug")
        try:
            raise ValueError
        except ValueError:
            log.exception("a call met a bug")
        lines.limit.finish()
    bugs = lines.of("a call met a bug")
    assert [bug["error"].split(" at ")[0] for bug in bugs] == ["KeyError"] + ["ValueError"] * 11 + ["ValueError"]
    assert [bug["repeated"] for bug in bugs if "repeated" in bug] == [40]
    assert len({bug["error"] for bug in bugs}) == 3


def test_a_level_that_is_not_written_is_not_counted_either() -> None:
    with written("warning") as lines:
        say(100)
        lines.limit.finish()
    assert lines == []


def test_the_clock_is_asked_once_for_each_line() -> None:
    asked: list[float] = []

    def now() -> float:
        asked.append(0.0)
        return 0.0

    repeats = Repeats(now)
    for _ in range(100):
        repeats.admits(("info", "x"))
    assert len(asked) == 100


def test_targets_that_callers_invent_share_the_room_of_one() -> None:
    with written() as lines:
        lines.limit.know(["one", "two"])
        for number in range(300):
            say(1, f"provider/invented-{number}")
        say(2)
        lines.limit.finish()
    told = [line["target"] for line in lines.of("fell back")]
    assert told == [f"provider/invented-{number}" for number in range(10)] + ["one"] * 2 + ["other"]
    assert lines.of("fell back")[-1]["repeated"] == 290
