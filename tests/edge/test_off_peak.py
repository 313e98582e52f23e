"""The next quiet hours, whatever day and time it is (R40)."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone

import pytest

from edge.off_peak import Hours, Slot, next_slot

CHINA = timezone(timedelta(hours=8))
WORKDAY_MORNING = Hours(frozenset(range(5)), time(8, 30), time(10, 0))
WORKDAY_AFTERNOON = Hours(frozenset(range(5)), time(15, 0), time(17, 0))
SUNDAY = Hours(frozenset({6}), time(9, 0), time(12, 0))
MONDAY = datetime(2026, 11, 23, tzinfo=CHINA)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """So many days after that Monday."""
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("now", "begin"),
    [
        (at(0, 7), at(0, 8, 30)),
        (at(0, 8, 30), at(0, 15)),  # They have begun: whoever comes then is too late for a quiet start.
        (at(0, 14, 59), at(0, 15)),
        (at(0, 15), at(1, 8, 30)),
        (at(4, 16), at(6, 9)),
        (at(6, 10), at(7, 8, 30)),
        (at(5, 0), at(6, 9)),
    ],
)
def test_the_first_hours_that_begin_after_now_are_named(now: datetime, begin: datetime) -> None:
    slot = next_slot((SUNDAY, WORKDAY_AFTERNOON, WORKDAY_MORNING), now)

    assert slot is not None
    assert slot.begin == begin
    assert slot.begin.tzinfo is CHINA


def test_hours_of_one_day_come_again_a_week_later() -> None:
    assert next_slot((SUNDAY,), at(6, 9)) == Slot(at(13, 9), at(13, 12))


def test_a_programme_without_hours_names_none() -> None:
    assert next_slot((), at(0, 9)) is None
    assert next_slot((Hours(frozenset(), time(1), time(2)),), at(0, 9)) is None
