"""How hot the board is, in three words, and what a visit makes of it. What follows from them is the schedule's to say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from edge.schedule import Heat
from firmware.ports import Slowdown, Thermometer

log = logging.getLogger("lifecert.heat")

COOLER_C = 5.0
"""So much cooler than where it began must a board be before it is called so: the fan of a Raspberry Pi 5 does the same."""
ASKED_APART_NS = 5_000_000_000
"""A board of this weight takes minutes to heat up, and asking reads files."""
OF_HEAT = frozenset({Slowdown.CAPPED, Slowdown.THROTTLED, Slowdown.SOFT_LIMIT})
"""A board that slows itself down is treated as hot, whatever its sensors say. A weak supply alone is not heat."""


@dataclass(frozen=True, slots=True)
class HeatLimits:
    """From where on a board is warm, hot, and too hot, degrees Celsius.

    Every Raspberry Pi slows down its cores by and by from 80 on, and all of the chip at 85 (Raspberry Pi documentation,
    "Frequency management and thermal control"). Whoever looks less often from 70 on may never get there.
    """

    warm_celsius: float = 70.0
    hot_celsius: float = 80.0
    pause_celsius: float = 85.0
    """From here on no visit begins until the board has cooled down by five degrees (F61)."""


def heat_of(limits: HeatLimits, before: Heat, celsius: float | None) -> Heat:
    """How hot a board is that was so before: it heats up at the limits and cools down five degrees below them.

    A sensor that does not answer says nothing new.
    """
    if celsius is None:
        return before
    hot = limits.hot_celsius - (COOLER_C if before is Heat.HOT else 0.0)
    warm = limits.warm_celsius - (COOLER_C if before is not Heat.COOL else 0.0)
    return Heat.HOT if celsius >= hot else Heat.WARM if celsius >= warm else Heat.COOL


def is_too_hot(limits: HeatLimits, celsius: float | None, *, was_too_hot: bool) -> bool:
    """Whether no visit may begin. A sensor that does not answer says nothing new."""
    if celsius is None:
        return was_too_hot
    return celsius >= limits.pause_celsius - (COOLER_C if was_too_hot else 0.0)


def slowed(heat: Heat, slowdowns: frozenset[Slowdown]) -> Heat:
    """The same, of a board that is slowed down by these."""
    return Heat.HOT if slowdowns & OF_HEAT else heat


class HeatLadder:
    """Knows how hot the board is, from one visit to the next, and logs each change once. One thread."""

    def __init__(self, limits: HeatLimits | None = None) -> None:
        self._limits = limits or HeatLimits()
        self._measured = self._heat = Heat.COOL

    def read(self, thermometer: Thermometer) -> Heat:
        """Ask the thermometer and say how hot the board is now."""
        celsius, slowdowns = thermometer.celsius(), thermometer.slowdowns()
        self._measured = heat_of(self._limits, self._measured, celsius)
        now = slowed(self._measured, slowdowns)
        if now is not self._heat:
            level = logging.INFO if now is Heat.COOL else logging.WARNING
            log.log(level, f"board {now.value}", extra={"celsius": celsius, "slowdowns": ", ".join(sorted(slowdowns))})
        self._heat = now
        return now


class HeatWatch:
    """Asks seldom and remembers in between; for one visit, on one thread."""

    def __init__(self, ladder: HeatLadder, thermometer: Thermometer, now_ns: Callable[[], int]) -> None:
        """`now_ns` is the board's monotonic clock."""
        self._ladder, self._thermometer, self._now_ns = ladder, thermometer, now_ns
        self._asked_ns: int | None = None
        self._heat = Heat.COOL

    def heat(self) -> Heat:
        """How hot the board is, or was a few seconds ago."""
        now_ns = self._now_ns()
        if self._asked_ns is None or now_ns - self._asked_ns >= ASKED_APART_NS:
            self._asked_ns, self._heat = now_ns, self._ladder.read(self._thermometer)
        return self._heat
