"""A made-up tree of sysfs with thermal zones, clocks, and the file in which a Raspberry Pi tells what slows it down."""

from pathlib import Path

from firmware.ports import Slowdown
from firmware.thermal import BITS, THROTTLED


def write_zone(root: Path, number: int, temp: str, kind: str = "cpu-thermal") -> Path:
    """A thermal zone; `temp` is the text of its file."""
    zone = root / "class" / "thermal" / f"thermal_zone{number}"
    zone.mkdir(parents=True)
    (zone / "temp").write_text(temp, encoding="utf-8")
    (zone / "type").write_text(f"{kind}\n", encoding="ascii")
    return zone


def write_slowdowns(root: Path, *slowdowns: Slowdown) -> None:
    """The bits of these, which are sticky from bit 16 on as well."""
    bits = sum(1 << bit for bit, why in BITS.items() if why in slowdowns)
    write_throttled(root, f"{bits << 16 | bits:x}\n")


def write_throttled(root: Path, text: str) -> None:
    """The file with this text."""
    file = root / THROTTLED
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


def write_rtc(root: Path, number: int, **files: str) -> Path:
    """A clock of the kernel; each name is that of a file, with its text."""
    place = root / "class" / "rtc" / f"rtc{number}"
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    return place
