"""Whether a Linux board has a clock that runs without power, and what that says, as the kernel tells in sysfs. Nothing is set.

A unit without one is fit for service: until the centre has told it the time, its results are marked as unsynced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from firmware.sysfs import SYSFS, number_in, text_in

CLOCKS = "class/rtc/rtc*"
FLAT_MICROVOLTS = 2_000_000
"""A lithium cell below this no longer keeps the time; one that is missing reads as next to nothing."""
FIRST_BELIEVABLE_S = 1_704_067_200
"""1 January 2024: a clock that says less has lost its power."""


@dataclass(frozen=True, slots=True)
class ClockChip:
    """One clock that runs without the board's power."""

    name: str
    """As its driver calls it, such as "rpi_rtc"."""
    since_epoch_s: int | None
    """The time that it tells, in seconds since 1970; None where it does not answer."""
    battery_microvolts: int | None
    """Voltage of its battery; None where the chip does not tell."""
    charging_microvolts: int | None
    """Up to this voltage it charges its battery, 0 for not at all; None where it does not tell (a Raspberry Pi 5 does)."""

    @property
    def has_kept_time(self) -> bool:
        """Whether it tells a time that can be; a battery that is flat or missing loses it."""
        return self.since_epoch_s is not None and self.since_epoch_s >= FIRST_BELIEVABLE_S

    @property
    def battery_flat(self) -> bool:
        """Whether its battery is known to be flat or missing."""
        return self.battery_microvolts is not None and self.battery_microvolts < FLAT_MICROVOLTS

    def ahead_s(self, system_s: int) -> int | None:
        """By so many seconds it is ahead of the system's time (negative: behind); None where it does not answer."""
        return None if self.since_epoch_s is None else self.since_epoch_s - system_s


def clock_chips(root: Path = SYSFS) -> tuple[ClockChip, ...]:
    """The clocks of this board, in the kernel's order, out of sysfs at `root` (kernel documentation, ABI/testing/rtc-cdev and
    sysfs-class-rtc; the voltages are of drivers/rtc/rtc-rpi.c). Empty where there is none."""
    return tuple(_chips(root))


def _chips(root: Path) -> Iterator[ClockChip]:
    for place in sorted(root.glob(CLOCKS), key=lambda place: (len(place.name), place.name)):
        yield ClockChip(
            name=(text_in(place / "name") or place.name).partition(" ")[0],
            since_epoch_s=number_in(place / "since_epoch", base=10),
            battery_microvolts=number_in(place / "battery_voltage", base=10),
            charging_microvolts=number_in(place / "charging_voltage", base=10),
        )
