"""How fast a recording is replayed."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from firmware.frame import Frame
from firmware.ports import Clock


class Pace(StrEnum):
    """Whether a recording waits."""

    AS_FAST_AS_ASKED = "as-fast-as-asked"
    """The next frame is there whenever the consumer asks; a replay is exact and quick."""
    REAL_TIME = "real-time"
    """A frame is handed out no earlier than when it would have been captured; for people who watch."""


class Pacer:
    """Holds frames back until their time has come, with the clock and the sleep it is given (seconds)."""

    def __init__(self, pace: Pace, clock: Clock, sleep: Callable[[float], None]) -> None:
        self._pace = pace
        self._clock = clock
        self._sleep = sleep

    def paced(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Hand the same frames on. In real time, the first comes at once and the others at their distance from it."""
        if self._pace is Pace.AS_FAST_AS_ASKED:
            yield from frames
            return
        started_ns: int | None = None
        for frame in frames:
            if started_ns is None:
                started_ns = self._clock.now_ns() - frame.captured_ns
            early_ns = started_ns + frame.captured_ns - self._clock.now_ns()
            if early_ns > 0:
                self._sleep(early_ns / 1e9)
            yield frame


class _NoClock:
    def now_ns(self) -> int:
        return 0


UNPACED = Pacer(Pace.AS_FAST_AS_ASKED, _NoClock(), lambda _seconds: None)
