"""The clocks that run without power, as the kernel tells of them; what is missing or makes no sense is not told."""

from pathlib import Path

import pytest

from firmware.rtc import FIRST_BELIEVABLE_S, ClockChip, clock_chips
from tests.firmware.sysfs import write_rtc

NOW_S = FIRST_BELIEVABLE_S + 90_000_000


def test_a_board_without_a_clock_has_none(tmp_path: Path) -> None:
    assert clock_chips(tmp_path) == ()


def test_a_raspberry_pi_5_tells_its_time_and_its_battery(tmp_path: Path) -> None:
    files = {"name": "rpi_rtc soc@107c000000:rpi_rtc\n", "since_epoch": f"{NOW_S + 3}\n"}
    write_rtc(tmp_path, 0, **files, battery_voltage="3282048\n", charging_voltage="0\n")

    (chip,) = clock_chips(tmp_path)

    assert chip == ClockChip("rpi_rtc", NOW_S + 3, 3_282_048, 0)
    assert (chip.has_kept_time, chip.battery_flat, chip.ahead_s(NOW_S)) == (True, False, 3)


def test_a_chip_that_tells_nothing_of_its_battery_says_so(tmp_path: Path) -> None:
    write_rtc(tmp_path, 0, name="rtc-ds1307 1-0068\n", since_epoch=f"{NOW_S - 120}\n")

    (chip,) = clock_chips(tmp_path)

    assert (chip.name, chip.battery_microvolts, chip.charging_microvolts) == ("rtc-ds1307", None, None)
    assert (chip.battery_flat, chip.ahead_s(NOW_S)) == (False, -120)


@pytest.mark.parametrize(("microvolts", "flat"), [("3000000", False), ("2000000", False), ("1999999", True), ("12000", True)])
def test_a_battery_that_keeps_no_time_is_flat(microvolts: str, flat: bool, tmp_path: Path) -> None:
    write_rtc(tmp_path, 0, battery_voltage=microvolts)

    assert clock_chips(tmp_path)[0].battery_flat is flat


@pytest.mark.parametrize("since_epoch", ["", "0", "86400", str(FIRST_BELIEVABLE_S - 1), "yesterday"])
def test_a_clock_that_lost_its_power_has_kept_no_time(since_epoch: str, tmp_path: Path) -> None:
    write_rtc(tmp_path, 0, since_epoch=since_epoch)

    assert not clock_chips(tmp_path)[0].has_kept_time


def test_a_clock_that_does_not_answer_is_there_all_the_same(tmp_path: Path) -> None:
    place = write_rtc(tmp_path, 0)
    (place / "since_epoch").mkdir()

    (chip,) = clock_chips(tmp_path)

    assert chip == ClockChip("rtc0", None, None, None)
    assert chip.ahead_s(NOW_S) is None


def test_clocks_come_in_the_order_of_the_kernel(tmp_path: Path) -> None:
    for number in (10, 2, 0):
        write_rtc(tmp_path, number)

    assert [chip.name for chip in clock_chips(tmp_path)] == ["rtc0", "rtc2", "rtc10"]
