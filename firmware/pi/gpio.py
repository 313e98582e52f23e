"""Lines of a Raspberry Pi through gpiozero, with lgpio under it and nothing else: the door of `gpiozero`.

gpiozero tries one pin library after the other and takes the first that loads, also one that drives nothing (gpiozero #1131,
#1166). So the factory is built here, with its chip named. lgpio writes a FIFO into its working directory when it is imported, and
fails where that is read-only, as in a service: the folder comes from the environment variable LG_WD, and is tried first.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from firmware.errors import PinChipError, PinLostError
from firmware.pins import Change, Line

if TYPE_CHECKING:
    from firmware.ports import Clock  # at run time it would bring a vision library into the process that keeps the lamps

BOUNCE_S = 0.02


def open_lgpio(chip: str, folder: str | None) -> Any:  # Any: gpiozero has no types
    """The pin factory of gpiozero on this chip ("gpiochip0"); `folder` is where lgpio may write (LG_WD), None for here.

    Raises PinChipError: the chip has no number, the folder cannot be written to, lgpio is not there, it is not a Raspberry Pi, or
    the chip does not open. There is no other library to fall back to.
    """
    number = re.fullmatch(r"gpiochip(\d{1,3})", chip)
    if not number:
        raise PinChipError(chip, "must be named gpiochipN; see which are there: ls /dev/gpiochip*")
    _insist_on_folder(chip, folder or os.curdir)
    try:
        import lgpio
        from gpiozero.exc import GPIOZeroError
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError as error:
        raise PinChipError(chip, "lgpio or gpiozero is not installed: lifecert[pi], or apt python3-lgpio") from error
    try:
        factory = LGPIOFactory(chip=int(number[1]))
    except lgpio.error as error:
        raise PinChipError(chip, f"lgpio cannot open it ({_said(error)}); see which are there: ls -l /dev/gpiochip*") from error
    try:
        factory.board_info  # noqa: B018  # asked now, for it raises where this is no Raspberry Pi
        return factory
    except GPIOZeroError as error:
        factory.close()
        raise PinChipError(chip, f"gpiozero does not know this board ({error}); set unit.board to what it is") from error


def _insist_on_folder(chip: str, folder: str) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = f"lgpio cannot write into {folder}; set the environment variable LG_WD to a folder of this service (/run/lifecert)"
        raise PinChipError(chip, why) from error


class ZeroBank:
    """The lines of a Raspberry Pi. Obeys `firmware.pins.PinBank`. Changes of inputs arrive in a thread of the library.

    One at a time in a process: gpiozero keeps one list of pins for all its factories, so closing a bank would let go of the lines
    of another.
    """

    def __init__(self, factory: Any, clock: Clock) -> None:
        """Takes a pin factory of gpiozero over."""
        self._factory, self._clock = factory, clock
        self._devices: list[Any] = []
        self._outputs: list[_Output] = []

    def output(self, line: Line) -> _Output:
        """Open a line and drive it inactive. Raises PinLostError."""
        from gpiozero import DigitalOutputDevice

        device = self._open(line, DigitalOutputDevice, active_high=not line.active_low, initial_value=False)
        output = _Output(line, device)
        self._outputs.append(output)
        return output

    def input(self, line: Line) -> _Input:
        """Open a line with a pull-up and watch it. Raises PinLostError."""
        from gpiozero import DigitalInputDevice

        # With a pull-up gpiozero calls the low level active; which level counts is decided in _Input.
        device = self._open(line, DigitalInputDevice, pull_up=True, bounce_time=BOUNCE_S)
        return _Input(line, device, self._clock)

    def close(self) -> None:
        """Drive all outputs inactive and let go of everything; closing twice does no harm."""
        outputs, devices = self._outputs, self._devices
        self._outputs, self._devices = [], []
        try:
            for output in outputs:
                output.set(False)
        finally:
            for device in devices:
                device.close()
            self._factory.close()

    def _open(self, line: Line, kind: Any, **how: object) -> Any:
        from gpiozero.exc import GPIOZeroError

        try:
            device = kind(line.where, pin_factory=self._factory, **how)
        except (GPIOZeroError, *_lgpio_errors()) as error:
            hint = "see who holds it: gpioinfo" if "busy" in str(error).lower() else "see the wiring table: pinout"
            raise PinLostError("gpiozero", f"line {line.where} ({line.function})", f"{_said(error)}; {hint}") from error
        self._devices.append(device)
        return device


class _Output:
    """Obeys `firmware.pins.Output`."""

    def __init__(self, line: Line, device: Any) -> None:
        self._line, self._device = line, device

    def set(self, active: bool) -> None:
        """Drive it. Raises PinLostError."""
        from gpiozero.exc import GPIOZeroError

        try:
            self._device.value = active
        except (GPIOZeroError, *_lgpio_errors()) as error:
            raise PinLostError("gpiozero", f"line {self._line.where} ({self._line.function})", _said(error)) from error


class _Input:
    """Obeys `firmware.pins.Input`."""

    def __init__(self, line: Line, device: Any, clock: Clock) -> None:
        self._active_low, self._device, self._clock = line.active_low, device, clock
        self._changes: deque[Change] = deque(maxlen=64)
        device.when_activated = self._went_low
        device.when_deactivated = self._went_high

    def active(self) -> bool:
        """Its state now."""
        return bool(self._device.is_active) is self._active_low

    def changes(self) -> Iterable[Change]:
        """What changed since the last call, oldest first."""
        return tuple(self._changes.popleft() for _ in range(len(self._changes)))

    def _went_low(self) -> None:
        self._changes.append(Change(self._clock.now_ns(), self._active_low))

    def _went_high(self) -> None:
        self._changes.append(Change(self._clock.now_ns(), not self._active_low))


def _said(error: Exception) -> str:
    """The reason, without the quotation marks that an error of lgpio puts around it."""
    return str(error.args[0]) if error.args else str(error)


def _lgpio_errors() -> tuple[type[Exception], ...]:
    """The error of lgpio, where it is loaded; a mock factory has none."""
    import sys

    lgpio = sys.modules.get("lgpio")
    return (lgpio.error,) if lgpio is not None else ()
