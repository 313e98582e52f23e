"""When there is less waiting: the hours of a week that a programme names, and the next of them (R40). The time is handed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Hours:
    """Some hours of some days of the week, in the local time of the unit; they never go over midnight."""

    days: frozenset[int]
    """0 is Monday, 6 is Sunday."""
    begin: time
    end: time
    """Later than `begin`."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Hours on one day."""

    begin: datetime
    end: datetime


def next_slot(hours: Sequence[Hours], now: datetime) -> Slot | None:
    """The first hours that begin after now, within the week that follows; None where a programme names none."""
    slots = (
        Slot(datetime.combine(day, each.begin, now.tzinfo), datetime.combine(day, each.end, now.tzinfo))
        for day in (now.date() + timedelta(days=ahead) for ahead in range(8))
        for each in hours
        if day.weekday() in each.days
    )
    return min((slot for slot in slots if slot.begin > now), key=lambda slot: slot.begin, default=None)
