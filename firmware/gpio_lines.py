"""Lines of any Linux board through libgpiod: the door of `gpiod`. What the kernel refuses is said with what to do.

On a Jetson with JetPack 6 a pin must be muxed as GPIO first, by the pinmux of the board or an overlay (NVIDIA/jetson-gpio #74,
#114): until then its line is missing, or held by another driver. Lines go back to the kernel when the process ends, but the
kernels of Raspberry Pi then leave an output as it was (`pinctrl_bcm2835.persist_gpio_outputs`), so nothing here relies on that.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Protocol, cast

from firmware.errors import PinChipError, PinLostError
from firmware.pins import Change, Line

DEBOUNCE = timedelta(milliseconds=20)
KEPT_CHANGES = 64
CONSUMER = "lifecert"

WHAT_TO_DO: Mapping[int, str] = {
    errno.ENOENT: "it is not there; see which are: gpiodetect",
    errno.ENODEV: "it is not a chip of lines; see which are: gpiodetect",
    errno.EACCES: "no permission; add this user to the group 'gpio'",
    errno.EPERM: "no permission; add this user to the group 'gpio', and see that the line is not reserved: gpioinfo",
    errno.EBUSY: "another driver or program holds the line; see: gpioinfo (a line that is not muxed as GPIO shows its other use)",
    errno.EINVAL: "the line cannot be used so; is it muxed as GPIO? See: gpioinfo",
    errno.ENXIO: "the line is not muxed as GPIO on this board",
}


class GpiodModule(Protocol):
    """What is used of the module gpiod (2.x)."""

    Chip: Any  # the classes of gpiod: their calls are checked by the tests of this file, against the module itself
    LineSettings: Any
    line: Any
    EdgeEvent: Any


def load_gpiod() -> GpiodModule:
    """The module itself; raises PinChipError where it is not installed."""
    try:
        import gpiod
    except ImportError as error:
        raise PinChipError("gpiod", "the Python package gpiod is not installed (pip install 'lifecert[jetson]')") from error
    return cast(GpiodModule, gpiod)


class LineBank:
    """The lines of one chip. Obeys `firmware.pins.PinBank`. One thread."""

    def __init__(self, chip: str, load: Callable[[], GpiodModule] = load_gpiod) -> None:
        """`chip` is its name in /dev, such as "gpiochip0". Raises PinChipError."""
        self._gpiod = load()
        self._name = f"/dev/{chip}"
        self._outputs: list[_Output] = []
        self._requests: list[Any] = []
        try:
            self._chip = self._gpiod.Chip(self._name)
        except OSError as error:
            raise PinChipError(self._name, _why(error)) from error

    def output(self, line: Line) -> _Output:
        """Open a line and drive it inactive. Raises PinLostError."""
        of = self._gpiod.line
        settings = self._gpiod.LineSettings(
            direction=of.Direction.OUTPUT, active_low=line.active_low, output_value=of.Value.INACTIVE
        )
        output = _Output(self._name, line, self._request(line, settings), of.Value)
        self._outputs.append(output)
        return output

    def input(self, line: Line) -> _Input:
        """Open a line with a pull-up and watch it. Raises PinLostError."""
        of = self._gpiod.line
        settings = self._gpiod.LineSettings(
            direction=of.Direction.INPUT,
            edge_detection=of.Edge.BOTH,
            bias=of.Bias.PULL_UP,
            active_low=line.active_low,
            debounce_period=DEBOUNCE,
        )
        return _Input(self._name, line, self._request(line, settings), self._gpiod.EdgeEvent.Type.RISING_EDGE)

    def close(self) -> None:
        """Drive all outputs inactive and let go of everything; closing twice does no harm."""
        outputs, requests = self._outputs, self._requests
        self._outputs, self._requests = [], []
        try:
            for output in outputs:
                output.set(False)
        finally:
            for request in requests:
                request.release()
            self._chip.close()

    def _request(self, line: Line, settings: Any) -> _Requested:  # Any: a LineSettings of gpiod
        try:
            offset = self._chip.line_offset_from_id(line.where)
            request = self._chip.request_lines({offset: settings}, consumer=CONSUMER, event_buffer_size=KEPT_CHANGES)
        except ValueError as error:
            raise PinLostError(self._name, _called(line), "there is no such line; see: gpioinfo") from error
        except OSError as error:
            raise PinLostError(self._name, _called(line), _why(error)) from error
        self._requests.append(request)
        return _Requested(request, offset)


class _Requested:
    """One line of a chip, as the kernel handed it out."""

    def __init__(self, request: Any, offset: int) -> None:
        self.request, self.offset = request, offset


class _Output:
    """Obeys `firmware.pins.Output`."""

    def __init__(self, chip: str, line: Line, requested: _Requested, values: Any) -> None:
        self._chip, self._line, self._requested, self._values = chip, line, requested, values

    def set(self, active: bool) -> None:
        """Drive it. Raises PinLostError."""
        value = self._values.ACTIVE if active else self._values.INACTIVE
        try:
            self._requested.request.set_value(self._requested.offset, value)
        except OSError as error:
            raise PinLostError(self._chip, _called(self._line), _why(error)) from error


class _Input:
    """Obeys `firmware.pins.Input`. The kernel leaves bounces out and stamps changes with the monotonic clock."""

    def __init__(self, chip: str, line: Line, requested: _Requested, rising: object) -> None:
        self._chip, self._line, self._requested, self._rising = chip, line, requested, rising

    def active(self) -> bool:
        """Its state now. Raises PinLostError."""
        try:
            return bool(self._requested.request.get_value(self._requested.offset))
        except OSError as error:
            raise PinLostError(self._chip, _called(self._line), _why(error)) from error

    def changes(self) -> Iterable[Change]:
        """What changed since the last call, oldest first. Raises PinLostError."""
        changes: list[Change] = []
        try:
            while self._requested.request.wait_edge_events(timedelta(0)):
                events = self._requested.request.read_edge_events()
                # With active_low the kernel calls the edge towards active the rising one (gpiolib-cdev, lineevent).
                changes += [Change(event.timestamp_ns, event.event_type is self._rising) for event in events]
        except OSError as error:
            raise PinLostError(self._chip, _called(self._line), _why(error)) from error
        return changes


def _called(line: Line) -> str:
    return f"line {line.where} ({line.function})"


def _why(error: OSError) -> str:
    return WHAT_TO_DO.get(error.errno or 0, error.strerror or str(error))
