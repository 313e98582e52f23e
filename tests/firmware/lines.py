"""Lines without a board: a kernel that obeys the calls of gpiod that are used, and gpiozero's own mock, seen from outside."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import gpiod
from gpiozero.pins.mock import MockFactory

from firmware.gpio_lines import LineBank
from firmware.pi.gpio import ZeroBank
from firmware.pins import PinBank
from firmware.ports import Clock

NAMES = {17: "GPIO17", 27: "GPIO27"}


class Rig(Protocol):
    """A chip of lines that a test looks at from outside, in volts: True is high."""

    bank: PinBank

    def level(self, offset: int) -> bool:
        """What a driven line shows outside."""
        ...

    def drive(self, offset: int, high: bool) -> None:
        """What a switch does to a watched line."""
        ...


@dataclass
class KernelLine:
    """One line of a chip."""

    high: bool = False
    held: bool = False
    settings: gpiod.LineSettings | None = None
    events: deque[gpiod.EdgeEvent] = field(default_factory=deque)
    refuses: int | None = None
    """The error that it answers with."""


class FakeKernel:
    """Chips of lines as Linux has them. Stands for the module gpiod; LineSettings, enums and events are gpiod's own."""

    LineSettings, line, EdgeEvent = gpiod.LineSettings, gpiod.line, gpiod.EdgeEvent

    def __init__(self, clock: Clock, chips: Mapping[str, int | None] | None = None) -> None:
        """`chips`: path -> None, or the error that opening it gives."""
        self.clock, self.chips = clock, chips or {"/dev/gpiochip0": None}
        self.lines = {offset: KernelLine() for offset in range(54)}

    def Chip(self, path: str) -> FakeChip:  # gpiod's own name
        error = self.chips.get(path, errno.ENOENT)
        if error is not None:
            raise OSError(error, os.strerror(error), path)
        return FakeChip(self)

    def load(self) -> FakeKernel:
        """The module, as `load_gpiod` gives it."""
        return self

    def drive(self, offset: int, high: bool) -> None:
        """A switch pulls an input, and an edge arises where somebody watches."""
        line = self.lines[offset]
        if line.high == high:
            return
        line.high = high
        if line.settings is not None and line.settings.edge_detection is gpiod.line.Edge.BOTH:
            active = high is not line.settings.active_low
            kind = gpiod.EdgeEvent.Type.RISING_EDGE if active else gpiod.EdgeEvent.Type.FALLING_EDGE
            line.events.append(gpiod.EdgeEvent(kind.value, self.clock.now_ns(), offset, 0, 0))


class FakeChip:
    """A chip that is open."""

    def __init__(self, kernel: FakeKernel) -> None:
        self._kernel = kernel
        self.closed = 0

    def line_offset_from_id(self, id: int | str) -> int:  # noqa: A002  # gpiod's own name
        named = {name: offset for offset, name in NAMES.items()}
        if isinstance(id, str):
            if id not in named:
                raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
            return named[id]
        if id not in self._kernel.lines:
            raise ValueError("line offset of out range")
        return id

    def request_lines(
        self, config: Mapping[int, gpiod.LineSettings], consumer: str | None = None, event_buffer_size: int | None = None
    ) -> FakeRequest:
        ((offset, settings),) = config.items()
        line = self._kernel.lines[offset]
        error = line.refuses or (errno.EBUSY if line.held else None)
        if error is not None:
            raise OSError(error, os.strerror(error))
        line.held, line.settings = True, settings
        if settings.direction is gpiod.line.Direction.OUTPUT:
            line.high = bool(settings.output_value) is not settings.active_low
        elif settings.bias is gpiod.line.Bias.PULL_UP:
            line.high = True
        return FakeRequest(line)

    def close(self) -> None:
        self.closed += 1


class FakeRequest:
    """A line that is held."""

    def __init__(self, line: KernelLine) -> None:
        self._line = line

    def _settings(self) -> gpiod.LineSettings:
        assert self._line.settings is not None
        if self._line.refuses:
            raise OSError(self._line.refuses, os.strerror(self._line.refuses))
        return self._line.settings

    def set_value(self, line: int, value: gpiod.line.Value) -> None:
        self._line.high = bool(value) is not self._settings().active_low

    def get_value(self, line: int) -> gpiod.line.Value:
        active = self._line.high is not self._settings().active_low
        return gpiod.line.Value.ACTIVE if active else gpiod.line.Value.INACTIVE

    def wait_edge_events(self, timeout: timedelta | None = None) -> bool:
        self._settings()
        return bool(self._line.events)

    def read_edge_events(self, max_events: int | None = None) -> list[gpiod.EdgeEvent]:
        return [self._line.events.popleft() for _ in range(len(self._line.events))]

    def release(self) -> None:
        """A kernel of Raspberry Pi leaves the level as it was."""
        self._line.held = False


class GpiodRig:
    """Lines through gpiod."""

    def __init__(self, clock: Clock) -> None:
        self.kernel = FakeKernel(clock)
        self.bank: PinBank = LineBank("gpiochip0", self.kernel.load)

    def level(self, offset: int) -> bool:
        return self.kernel.lines[offset].high

    def drive(self, offset: int, high: bool) -> None:
        self.kernel.drive(offset, high)


class ZeroRig:
    """Lines through gpiozero, on its own mock of a Raspberry Pi 4."""

    def __init__(self, clock: Clock) -> None:
        self.factory: Any = MockFactory(revision="c03114")
        self.bank: PinBank = ZeroBank(self.factory, clock)
        self._pins: dict[int, Any] = {}

    def level(self, offset: int) -> bool:
        return bool(self._pin(offset).state)

    def drive(self, offset: int, high: bool) -> None:
        if high:
            self._pin(offset).drive_high()
        else:
            self._pin(offset).drive_low()

    def _pin(self, offset: int) -> Any:
        """The same one after the factory was closed, too."""
        return self._pins.setdefault(offset, self.factory.pin(offset))


RIGS = {"gpiod": GpiodRig, "gpiozero": ZeroRig}
