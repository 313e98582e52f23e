"""Lines are named in words that are understood or refused by name, and a Raspberry Pi has one driver and no other."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from firmware.clock import SystemClock
from firmware.errors import PinChipError, PinSpecError
from firmware.gpio_lines import LineBank
from firmware.pi.gpio import open_lgpio
from firmware.pin_drivers import PinDriver, open_bank
from firmware.pins import Line, PinFunction, PinSettings, PwmChannel, wires_of

NOTHING = PinSettings()


def test_without_settings_nothing_is_fitted() -> None:
    assert wires_of(NOTHING) == ()


def test_a_line_is_a_number_a_name_or_for_a_lamp_a_channel_of_pwm() -> None:
    wires = wires_of(replace(NOTHING, left="17", top="pwmchip0/3", led_red="GPIO22", tamper="PQ.05"))

    assert wires == (
        Line(PinFunction.LEFT, 17),
        PwmChannel(PinFunction.TOP, "pwmchip0", 3),
        Line(PinFunction.LED_RED, "GPIO22"),
        Line(PinFunction.TAMPER, "PQ.05"),
    )


def test_what_is_active_low_is_named_and_a_button_is_unless_told_otherwise() -> None:
    pins = replace(NOTHING, left="17", button="5")

    assert [wire.active_low for wire in wires_of(pins)] == [False, True]
    assert [wire.active_low for wire in wires_of(replace(pins, active_low="left"))] == [True, False]
    assert [wire.active_low for wire in wires_of(replace(pins, active_low="left button"))] == [True, True]


@pytest.mark.parametrize(
    "spec", ["", "-1", "017", "512", "1.5", "GPIO 17", "17 ", "pwmchip0", "pwmchip/1", "line\n", "größe", "a" * 40]
)
def test_a_line_that_is_not_understood_is_refused_by_name(spec: str) -> None:
    with pytest.raises(PinSpecError) as caught:
        wires_of(replace(NOTHING, right=spec))

    assert (caught.value.function, caught.value.line) == ("right", spec)
    assert "pwmchip0/1" in str(caught.value)


@pytest.mark.parametrize(
    "function", [function for function in PinFunction if function not in ("left", "right", "visible", "top")]
)
def test_only_a_lamp_hangs_on_hardware_pwm(function: PinFunction) -> None:
    with pytest.raises(PinSpecError, match="only a lamp"):
        wires_of(replace(NOTHING, **{function.value: "pwmchip0/1"}))


def test_one_line_does_one_thing() -> None:
    with pytest.raises(PinSpecError, match=r"pins\.buzzer = '17': is the line of left already"):
        wires_of(replace(NOTHING, left="17", buzzer="17"))


def test_an_unknown_function_cannot_be_active_low() -> None:
    with pytest.raises(PinSpecError, match=r"pins\.active_low = 'lamp': must be out of left, right"):
        wires_of(replace(NOTHING, active_low="left lamp"))


# --- the driver of a Raspberry Pi ----------------------------------------------------------------------------------


class FakeLgpio(ModuleType):
    """The few names of lgpio that gpiozero's factory touches before any line is opened."""

    BOTH_EDGES, RISING_EDGE, FALLING_EDGE = 3, 1, 2
    SET_PULL_NONE = 0

    class error(Exception):  # lgpio's own name
        """A call failed. It says its reason as Python would write it: in quotation marks."""

        def __str__(self) -> str:
            return repr(self.args[0])

    def __init__(self, *chips: int) -> None:
        super().__init__("lgpio")
        self.chips, self.opened, self.closed = chips, [], []

    def gpiochip_open(self, chip: int) -> int:
        if chip not in self.chips:
            raise self.error("can not open gpiochip")
        self.opened.append(chip)
        return 40 + chip

    def gpiochip_close(self, handle: int) -> None:
        self.closed.append(handle)


@pytest.fixture
def lgpio(monkeypatch: pytest.MonkeyPatch) -> FakeLgpio:
    """lgpio on a computer that has chip 4 and is no Raspberry Pi."""
    fake = FakeLgpio(4)
    monkeypatch.setitem(sys.modules, "lgpio", fake)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    return fake


@pytest.mark.parametrize("chip", ["gpiochip", "/dev/gpiochip0", "0", "pinctrl-rp1", ""])
def test_a_chip_of_a_raspberry_pi_has_a_number(chip: str, lgpio: FakeLgpio, tmp_path: Path) -> None:
    with pytest.raises(PinChipError, match="must be named gpiochipN"):
        open_lgpio(chip, str(tmp_path))

    assert lgpio.opened == []


def test_a_folder_that_lgpio_cannot_write_to_is_told_before_lgpio_is_loaded(lgpio: FakeLgpio, tmp_path: Path) -> None:
    with pytest.raises(PinChipError, match=r"cannot write into .*; set the environment variable LG_WD") as caught:
        open_lgpio("gpiochip4", str(tmp_path / "nowhere"))

    assert caught.value.chip == "gpiochip4"
    assert lgpio.opened == []


def test_a_chip_that_does_not_open_is_named_and_no_other_is_tried(lgpio: FakeLgpio, tmp_path: Path) -> None:
    with pytest.raises(PinChipError, match=r"gpiochip0: lgpio cannot open it \(can not open gpiochip\)"):
        open_lgpio("gpiochip0", str(tmp_path))

    assert lgpio.opened == []


def test_what_is_no_raspberry_pi_is_told_so_and_its_chip_is_let_go(lgpio: FakeLgpio, tmp_path: Path) -> None:
    with pytest.raises(PinChipError, match=r"gpiozero does not know this board .* set unit\.board"):
        open_lgpio("gpiochip4", str(tmp_path))

    assert (lgpio.opened, lgpio.closed) == ([4], [44])


def test_without_lgpio_there_is_no_driver_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)

    with pytest.raises(PinChipError, match="lgpio or gpiozero is not installed"):
        open_bank(PinDriver.GPIOZERO, "gpiochip0", str(tmp_path), SystemClock())


def test_without_gpiod_there_is_no_driver_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gpiod", None)

    with pytest.raises(PinChipError, match="the Python package gpiod is not installed"):
        LineBank("gpiochip0")
