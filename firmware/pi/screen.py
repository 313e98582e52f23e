"""Small screens on SPI and I2C: the door of `luma`. ST7789 (240 x 240), ILI9341 (320 x 240), SSD1306 (128 x 64)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from firmware.errors import FirmwareError, PinLostError, ScreenFaultError
from firmware.pins import Output, PinFunction
from firmware.ports import Clock, View
from firmware.rhythm import Rhythm
from firmware.screen_settings import ScreenKind, ScreenSettings
from firmware.typeset import Page, Paper, Typeface, draw_page, pages_of

PAGE_MS = 4_000
"""How long one of several pages stands: sixteen characters, read slowly."""
SPI_HZ = 32_000_000
WHAT_TO_DO = "is the bus switched on (raspi-config, Interface Options), and is this user in the groups spi and i2c?"


class LumaScreen:
    """A screen of luma. Obeys `firmware.ports.Screen`. A thread of its own draws, and turns the pages."""

    def __init__(self, device: Any, face: Typeface, clock: Clock) -> None:  # Any: luma has no types
        """Takes an open device over, which is blank."""
        self._device, self._clock = device, clock
        self._paper = Paper(device.width, device.height, face)
        self._shown: tuple[tuple[Page, ...], int] = ((), clock.now_ns())
        self._done = 0.0
        self._rhythm = Rhythm("screen", self._draw)

    @property
    def fault(self) -> FirmwareError | None:
        """Why it does not show what it should."""
        return self._rhythm.fault

    def show(self, view: View) -> None:
        """Replace what is shown by this view; returns at once."""
        self._shown = (pages_of(view, self._paper), self._clock.now_ns())
        self._rhythm.wake()

    def progress(self, done: float) -> None:
        """A thin bar below everything; none at the start of a visit and between visits."""
        self._done = done
        self._rhythm.wake()

    def close(self) -> None:
        """Blank it and let go of the bus; errors of a screen that is gone are none."""
        self._rhythm.end()
        try:
            self._device.cleanup()
        except (OSError, FirmwareError, _luma_error()):
            return

    def _draw(self) -> float | None:
        pages, since_ns = self._shown
        if not pages:
            return None
        into_ms = (self._clock.now_ns() - since_ns) / 1e6
        number = int(into_ms // PAGE_MS) % len(pages)
        try:
            self._device.display(draw_page(pages[number], self._paper, self._device.mode, self._done))
        except (OSError, _luma_error()) as error:
            raise ScreenFaultError(type(self._device).__name__, f"it does not answer ({error})") from error
        return None if len(pages) == 1 else PAGE_MS - into_ms % PAGE_MS


class PanelLines:
    """The lines of a screen, as luma wants them: the few calls of RPi.GPIO that it makes, on lines that somebody else holds."""

    BCM, OUT, LOW, HIGH = 11, 0, 0, 1

    def __init__(self, outputs: Mapping[PinFunction, Output]) -> None:
        """A function that is not fitted is led nowhere: some modules tie reset and backlight to the supply."""
        self._outputs = outputs

    def setup(self, pin: PinFunction, _direction: int, **_how: object) -> None:
        """It is an output already."""

    def output(self, pin: PinFunction, level: int) -> None:
        """Drive a line. Raises PinLostError."""
        if pin in self._outputs:
            self._outputs[pin].set(bool(level))

    def cleanup(self, _pins: object = None) -> None:
        """Whoever holds the lines lets go of them."""


def open_device(settings: ScreenSettings, outputs: Mapping[PinFunction, Output]) -> Any:  # Any: luma has no types
    """Open a small screen on its bus; `outputs` are its lines. Raises ScreenFaultError, which says what to do."""
    name = settings.kind.value
    try:
        import luma.core.error as errors  # type: ignore[import-untyped]
        from luma.core.interface.serial import i2c, spi  # type: ignore[import-untyped]
    except ImportError as error:
        raise ScreenFaultError(name, "the Python packages luma.lcd and luma.oled are not installed (lifecert[pi])") from error
    lines = PanelLines(outputs)
    try:
        if settings.kind is ScreenKind.SSD1306:
            port, address = _i2c(settings)
            return make_device(settings, i2c(port=port, address=address), lines)
        if PinFunction.SCREEN_DC not in outputs:
            raise ScreenFaultError(name, "pins.screen_dc is not set, and no picture comes without it")
        port, device = _spi(settings)
        bus = spi(
            *(None, lines, port, device),
            bus_speed_hz=SPI_HZ,
            gpio_DC=PinFunction.SCREEN_DC,
            gpio_RST=PinFunction.SCREEN_RESET if PinFunction.SCREEN_RESET in outputs else None,
        )
        return make_device(settings, bus, lines)
    except ImportError as error:
        raise ScreenFaultError(name, "the Python package spidev is not installed (apt install python3-spidev)") from error
    except (errors.Error, OSError, PinLostError) as error:
        raise ScreenFaultError(name, f"{error}; {WHAT_TO_DO}") from error


def make_device(settings: ScreenSettings, bus: Any, lines: PanelLines) -> Any:
    """The driver of luma on a bus. Raises the errors of luma and of the bus."""
    from luma.lcd.device import ili9341, st7789  # type: ignore[import-untyped]
    from luma.oled.device import ssd1306  # type: ignore[import-untyped]

    turns = settings.rotation // 90
    if settings.kind is ScreenKind.SSD1306:
        return ssd1306(bus, width=128, height=64, rotate=turns)
    lit = {"gpio": lines, "gpio_LIGHT": PinFunction.SCREEN_LIGHT}
    if settings.kind is ScreenKind.ST7789:
        return st7789(bus, width=240, height=240, rotate=turns, **lit)
    return ili9341(bus, width=320, height=240, rotate=turns, **lit)


def _spi(settings: ScreenSettings) -> tuple[int, int]:
    found = re.fullmatch(r"spi(\d)\.(\d)", settings.bus or "spi0.0")
    if not found:
        raise ScreenFaultError(settings.kind, f"{settings.bus} is no SPI bus; it must be like spi0.0")
    return int(found[1]), int(found[2])


def _i2c(settings: ScreenSettings) -> tuple[int, int]:
    found = re.fullmatch(r"i2c-(\d{1,2})/(0x[0-9a-f]{2})", settings.bus or "i2c-1/0x3c")
    if not found:
        raise ScreenFaultError(settings.kind, f"{settings.bus} is no I2C bus; it must be like i2c-1/0x3c")
    return int(found[1]), int(found[2], 16)


def _luma_error() -> type[Exception]:
    from luma.core.error import Error

    kind: type[Exception] = Error
    return kind
