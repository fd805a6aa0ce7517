"""Prices as operators write them: tiers and hours."""

import pytest
from pydantic import ValidationError

from service.config.hours import parse_hours
from service.config.prices import PriceSettings

PLAIN = {"input": "1", "output": "2"}


@pytest.mark.parametrize(("text", "hours"), [("6-10", (6, 10)), ("0-24", (0, 24)), (" 1 – 4 ", (1, 4))])
def test_hours_are_two_of_a_day(text: str, hours: tuple[int, int]) -> None:
    assert parse_hours(text) == hours


@pytest.mark.parametrize("text", ["10-6", "6-6", "6-25", "6", "6:00-10:00", "", None, 6, "-1-4"])
def test_what_are_no_hours_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="such as 6-10"):
        parse_hours(text)


@pytest.mark.parametrize(("lone", "lack"), [({"long_from": 5}, "long_prices"), ({"long_prices": PLAIN}, "long_from")])
def test_long_questions_have_a_beginning_and_a_price(lone: dict[str, object], lack: str) -> None:
    with pytest.raises(ValidationError, match=f"means nothing without {lack}"):
        PriceSettings.model_validate({**PLAIN, **lone})


def test_a_peak_is_every_day_unless_days_are_written() -> None:
    peak = PriceSettings.model_validate({**PLAIN, "peak": {"hours": ["1-4"], "otherwise_percent": 50}}).peak
    assert peak is not None
    assert len(peak.weekdays) == 7
