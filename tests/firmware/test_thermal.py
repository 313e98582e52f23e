"""The kernel's thermal zones: the hottest that makes sense counts, and whatever is missing or broken is passed over."""

from pathlib import Path

import pytest

from firmware.board import BoardKind, is_live, thermometer_of
from firmware.ports import Slowdown
from firmware.thermal import NO_THERMOMETER, SysfsThermometer
from firmware.twin.parts import Recorder, RecordingThermometer
from tests.firmware.builders import SteppingClock
from tests.firmware.sysfs import write_throttled, write_zone


def test_the_hottest_zone_counts(tmp_path: Path) -> None:
    for number, temp in enumerate(("47236", "61800\n", "55000")):
        write_zone(tmp_path, number, temp)

    assert SysfsThermometer(tmp_path).celsius() == 61.8


@pytest.mark.parametrize("temp", ["", "warm", "-256000", "-40001", "125001", "4e4", "61.8", "6" * 5000, "１２３４５"])
def test_what_no_board_can_be_is_passed_over(temp: str, tmp_path: Path) -> None:
    write_zone(tmp_path, 0, temp)
    assert SysfsThermometer(tmp_path).celsius() is None

    write_zone(tmp_path, 1, "52000")
    assert SysfsThermometer(tmp_path).celsius() == 52.0


def test_the_power_chip_of_a_jetson_is_no_sensor(tmp_path: Path) -> None:
    write_zone(tmp_path, 0, "100000", kind="PMIC-Die")
    write_zone(tmp_path, 1, "43000", kind="CPU-therm")

    assert SysfsThermometer(tmp_path).celsius() == 43.0


def test_a_zone_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    zone = write_zone(tmp_path, 0, "52000")
    (zone / "temp").unlink()
    (zone / "temp").mkdir()
    (write_zone(tmp_path, 1, "53000") / "type").unlink()

    assert SysfsThermometer(tmp_path).celsius() == 53.0


def test_a_zone_is_read_anew_each_time(tmp_path: Path) -> None:
    zone, thermometer = write_zone(tmp_path, 0, "52000"), SysfsThermometer(tmp_path)
    assert thermometer.celsius() == 52.0

    (zone / "temp").write_text("81000", encoding="ascii")
    assert thermometer.celsius() == 81.0

    (zone / "temp").unlink()
    assert thermometer.celsius() is None


def test_what_slowed_a_raspberry_pi_down_once_does_not_count(tmp_path: Path) -> None:
    write_throttled(tmp_path, "50000\n")

    assert SysfsThermometer(tmp_path).slowdowns() == frozenset()


@pytest.mark.parametrize("text", ["", "throttled", "\N{DEGREE SIGN}", "-"])
def test_a_file_that_tells_no_bits_says_nothing(text: str, tmp_path: Path) -> None:
    write_throttled(tmp_path, text)

    assert SysfsThermometer(tmp_path).slowdowns() == frozenset()


def test_the_bits_are_those_of_the_documentation(tmp_path: Path) -> None:
    """0x50005: under-voltage and throttled, both now and since the start."""
    write_throttled(tmp_path, "50005\n")

    assert SysfsThermometer(tmp_path).slowdowns() == {Slowdown.WEAK_SUPPLY, Slowdown.THROTTLED}


def test_the_other_bits_are_too_and_the_number_is_hexadecimal(tmp_path: Path) -> None:
    """0xF000A: clock capped and the soft limit of temperature; all four since the start."""
    write_throttled(tmp_path, "f000a\n")

    assert SysfsThermometer(tmp_path).slowdowns() == {Slowdown.CAPPED, Slowdown.SOFT_LIMIT}


def test_who_has_no_thermometer_says_nothing() -> None:
    assert (NO_THERMOMETER.celsius(), NO_THERMOMETER.slowdowns()) == (None, frozenset())


@pytest.mark.parametrize("camera", ["usb:0", "pi", "jetson"])
def test_a_camera_that_sees_the_present_is_live(camera: str) -> None:
    assert is_live(camera)


@pytest.mark.parametrize("camera", ["clip:usb:0", "folder:pi", "actor:a.toml", "scene:a.toml", ""])
def test_a_recording_is_not_live(camera: str) -> None:
    assert not is_live(camera)


@pytest.mark.parametrize("kind", set(BoardKind) - {BoardKind.TWIN})
def test_a_board_with_a_live_camera_asks_the_kernel(kind: BoardKind) -> None:
    assert isinstance(thermometer_of(kind, Recorder(SteppingClock()), live=True), SysfsThermometer)


@pytest.mark.parametrize(("kind", "live"), [(BoardKind.TWIN, True), (BoardKind.TWIN, False), (BoardKind.USB, False)])
def test_a_twin_and_a_replay_are_as_hot_as_their_script_says(kind: BoardKind, live: bool) -> None:
    assert isinstance(thermometer_of(kind, Recorder(SteppingClock()), live=live), RecordingThermometer)
