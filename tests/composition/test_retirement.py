"""Which models will soon be gone, and who is told when."""

from datetime import date

import pytest

from service.chat.target import Target
from service.composition.retirement import Leaving, last_day_of, leaving, notice
from service.config import Settings

SETTINGS = Settings.model_validate(
    {
        "providers": {
            "openai": {
                "protocol": "openai",
                "base_url": "http://x",
                "auth": "none",
                "models": {"gpt-4o": {"retires": "2026-11-01"}},
            },
            "work": {
                "protocol": "openai",
                "base_url": "http://x",
                "auth": "none",
                "catalog": "azure",
                "models": {"ours": {"catalog": "o3"}, "new": {"retires": "2030-01-01"}},
            },
            "closed": {"protocol": "openai", "base_url": "http://x", "catalog": "openai"},
        },
        "routes": {
            "a": {"targets": ["openai/gpt-5", "openai/gpt-4o", "openai/gpt-6-luna", "work/ours", "closed/o3"]},
            "b": {"targets": ["openai/gpt-5", "openai/gpt-5.1", "work/new"]},
        },
    }
)
TODAY = date(2026, 11, 20)


def test_operators_are_told_of_every_target_that_is_gone_or_soon_will_be_once() -> None:
    assert list(leaving(SETTINGS, TODAY)) == [
        Leaving(Target("openai", "gpt-5"), date(2026, 12, 11), 21),
        Leaving(Target("openai", "gpt-4o"), date(2026, 11, 1), -19),
        Leaving(Target("work", "ours"), date(2026, 12, 11), 21),
    ]


def test_ninety_days_are_soon() -> None:
    last = date(2030, 1, 1)
    assert Leaving(Target("work", "new"), last, 90) in leaving(SETTINGS, date(2029, 10, 3))
    assert Target("work", "new") not in {one.target for one in leaving(SETTINGS, date(2029, 10, 2))}


def test_what_is_written_goes_before_the_catalog() -> None:
    last_day = last_day_of("openai", SETTINGS.providers["openai"])
    assert (last_day("gpt-4o"), last_day("gpt-4.1")) == (date(2026, 11, 1), date(2027, 1, 14))
    assert last_day("gpt-6-luna") is None


def test_a_model_as_it_was_on_a_day_retires_with_the_model() -> None:
    assert last_day_of("openai", SETTINGS.providers["openai"])("gpt-4.1-2025-04-14") == date(2027, 1, 14)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (21, "openai/gpt-5 retires: it answers until 2026-12-11, 21 days from now"),
        (-1, "openai/gpt-5 has retired: it answered until 2026-12-11"),
    ],
)
def test_what_an_operator_reads(days: int, words: str) -> None:
    assert str(Leaving(Target("openai", "gpt-5"), date(2026, 12, 11), days)) == words


@pytest.mark.parametrize(
    ("last_day", "words"),
    [
        ("2026-12-20", "m retires: its last day is 2026-12-20"),
        ("2026-12-21", ""),
        ("2026-11-20", "m retires: its last day is 2026-11-20"),
    ],
)
def test_callers_are_told_thirty_days_before(last_day: str, words: str) -> None:
    assert notice("m", date.fromisoformat(last_day), TODAY) == words
