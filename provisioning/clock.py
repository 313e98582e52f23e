"""The time, as a part that is handed in: tests set it, the programs ask the machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now_s(self) -> int:
        """Unix time, whole seconds."""


class SystemClock:
    """The clock of the machine."""

    def now_s(self) -> int:
        return int(time.time())


def moment(at_s: int) -> datetime:
    """A Unix time as an aware datetime in UTC."""
    return datetime.fromtimestamp(at_s, UTC)


def written(at_s: int) -> str:
    """A Unix time as text, for example 2026-07-01T08:00:00Z."""
    return moment(at_s).strftime("%Y-%m-%dT%H:%M:%SZ")
