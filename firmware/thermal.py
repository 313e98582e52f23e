"""How hot a Linux board is, and whether it slows itself down, as its kernel tells in sysfs. No program is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from firmware.ports import Slowdown
from firmware.sysfs import SYSFS, number_in, text_in

ZONES = "class/thermal/thermal_zone*"
THROTTLED = "devices/platform/soc/soc:firmware/get_throttled"
COLDEST_C, HOTTEST_C = -40.0, 125.0
"""What lies outside no board survives. A Jetson tells -256 for a part that is switched off."""
NO_SENSOR = "PMIC"
"""The zone of a Jetson's power chip (type "PMIC-Die") always says 100 degrees: balena-os/balena-jetson issue 142."""
BITS = {
    0: Slowdown.WEAK_SUPPLY,
    1: Slowdown.CAPPED,
    2: Slowdown.THROTTLED,
    3: Slowdown.SOFT_LIMIT,
}
"""Those of `vcgencmd get_throttled` that hold at this moment; from bit 16 on the same stand for "since the last start"."""


class NoThermometer:
    """For a board without any sensor."""

    def celsius(self) -> float | None:
        """There is none."""
        return None

    def slowdowns(self) -> frozenset[Slowdown]:
        """Nothing is said."""
        return frozenset()


NO_THERMOMETER = NoThermometer()


class SysfsThermometer:
    """Reads the thermal zones of the kernel, in thousandths of a degree Celsius (kernel documentation, thermal/sysfs-api), and
    of a Raspberry Pi also why it slows itself down.

    The latter stands in a file that the kernel of Raspberry Pi OS makes and others do not: hexadecimal, as of the kernel's last
    question to the board's own firmware. Newer kernels call it deprecated, once, in their log. Where it is missing, only the
    temperature counts.
    """

    def __init__(self, root: Path = SYSFS) -> None:
        """`root` is where sysfs is mounted."""
        self._root = root

    def celsius(self) -> float | None:
        """The hottest zone that says something sensible; None without any."""
        return max(self._zones(), default=None)

    def slowdowns(self) -> frozenset[Slowdown]:
        """What slows the board down at this moment; empty where that is not told."""
        bits = number_in(self._root / THROTTLED, base=16)
        return frozenset(why for bit, why in BITS.items() if bits is not None and bits >> bit & 1)

    def _zones(self) -> Iterator[float]:
        for zone in self._root.glob(ZONES):
            thousandths = number_in(zone / "temp", base=10)
            if thousandths is None or not COLDEST_C <= thousandths / 1000 <= HOTTEST_C:
                continue
            if NO_SENSOR not in (text_in(zone / "type") or ""):
                yield thousandths / 1000
