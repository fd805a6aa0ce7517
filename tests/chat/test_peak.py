"""The hours in which a vendor asks its whole price."""

from datetime import UTC, datetime

import pytest

from service.chat.peak import Peak

PEAK = Peak(weekdays=frozenset(range(5)), hours=((1, 4), (6, 10)), otherwise_percent=50)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("2026-11-20T00:59:59", False),  # a Friday
        ("2026-11-20T01:00:00", True),
        ("2026-11-20T03:59:59", True),
        ("2026-11-20T04:00:00", False),
        ("2026-11-20T06:00:00", True),
        ("2026-11-20T10:00:00", False),
        ("2026-11-21T02:00:00", False),
        ("2026-11-22T02:00:00", False),
        ("2026-11-23T02:00:00", True),
    ],
)
def test_it_begins_and_ends_on_the_hour_of_its_days(when: str, holds: bool) -> None:
    assert PEAK.holds(datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp()) is holds
