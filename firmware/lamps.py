"""Who keeps the lamps: a process of its own, so that they go dark whatever becomes of the process that serves visits.

A line or a PWM channel stays as it was set when its process dies: PWM always, lines on the kernels of Raspberry Pi. So the
service does not hold them. The keeper (`python -m firmware.lamp_keeper`) does, and it goes dark when

- it is told to,
- its pipe closes, which the kernel sees to when the service ends in any way, kill -9 and crash included,
- a lamp has shone for `longest_on_ms`, also when the service hangs and says nothing,
- it is told to end.

Were the keeper itself killed, the service starts another one, which makes everything dark before anything else. The last nets are
of hardware: a pull-down at the gate of each MOSFET, and the current that the driver is built for (`docs/operations/wiring.md`).

They speak in lines of ASCII. Service: "LR 60" (emitters, duty) or "0 0". Keeper: "ready" once, then for each line one of
"lit LR 60 AT", "rests LR MS AT", "fault WHY"; and by itself "cut AT", when the time is over. AT is the machine's monotonic
clock in ns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from firmware.dose import DoseLimiter, Grant, LightLimits
from firmware.errors import FirmwareError, LampLostError
from firmware.pins import LAMPS, Line, Output, PinBank, PinSettings, PwmChannel, wires_of

ORDER = "LRVT"


class Ticking(Protocol):
    """A monotonic clock; the same as `firmware.ports.Clock`, which cannot be had without a vision library."""

    def now_ns(self) -> int:
        """Nanoseconds since an arbitrary start."""
        ...


class Lamp(Protocol):
    """One emitter. It is dark when built."""

    @property
    def dims(self) -> bool:
        """Whether it can shine with less than all its strength."""
        ...

    def set(self, duty_percent: int) -> None:
        """Shine so strongly, 0 to 100. Raises PinLostError."""
        ...


class LineLamp:
    """A lamp on a line: on or off, because PWM that software makes gives bands in the picture."""

    dims = False

    def __init__(self, output: Output) -> None:
        self._output = output

    def set(self, duty_percent: int) -> None:
        """Shine, unless it is 0. Raises PinLostError."""
        self._output.set(duty_percent > 0)


def lamps_of(settings: PinSettings, bank: PinBank | None, sysfs: Path) -> dict[str, Lamp]:
    """Emitter -> lamp, in the order L, R, V, T, all dark; `bank` is None where all hang on PWM.

    Raises PinSpecError and PinLostError.
    """
    from firmware.pwm import PwmLamp

    lamps: dict[str, Lamp] = {}
    for wire in wires_of(settings):
        if wire.function not in LAMPS:
            continue
        match wire:
            case PwmChannel():
                lamps[LAMPS[wire.function]] = PwmLamp(wire, sysfs)
            case Line() if bank is not None:
                lamps[LAMPS[wire.function]] = LineLamp(bank.output(wire))
    return {emitter: lamps[emitter] for emitter in ORDER if emitter in lamps}


class LampKeeper:
    """Obeys the service within the limits. One thread."""

    def __init__(self, lamps: Mapping[str, Lamp], limits: LightLimits, clock: Ticking) -> None:
        """Raises LampUnmeasuredError and LampTooStrongError."""
        self._lamps, self._clock = lamps, clock
        self._limiter = DoseLimiter(limits, {emitter: lamp.dims for emitter, lamp in lamps.items()})
        self._until_ns: int | None = None

    def obey(self, line: str) -> str:
        """Do what a line asks for, as far as it may be; the answer."""
        asked = re.fullmatch(r"(0|L?R?V?T?) (\d{1,3})", line)
        if not asked or not asked[1] or int(asked[2]) > 100 or set(asked[1]) - {"0", *self._lamps}:
            return self._fault(f"{line!r} asks for lamps that are not fitted")
        grant = self._limiter.ask(asked[1], int(asked[2]), self._clock.now_ns())
        try:
            self._set(grant)
        except FirmwareError as error:
            return self._fault(str(error))
        self._until_ns = grant.until_ns
        if grant.rests_ns:
            return f"rests {asked[1]} {-(-grant.rests_ns // 1_000_000)} {self._clock.now_ns()}"
        return f"lit {grant.word} {grant.duty_percent} {self._clock.now_ns()}"

    def left_s(self) -> float | None:
        """So long until the lamps must be dark; None where they are."""
        return None if self._until_ns is None else max(0.0, (self._until_ns - self._clock.now_ns()) / 1e9)

    def cut_if_due(self) -> str | None:
        """Go dark when the time is over, and say so. Raises LampLostError where that cannot be done."""
        if self.left_s() != 0.0:
            return None
        said = self.obey("0 0")
        if not said.startswith("lit 0 0 "):
            raise LampLostError(said.removeprefix("fault "))
        return said.replace("lit 0 0", "cut")

    def dark(self) -> None:
        """Switch off whatever can still be switched off. Raises the first error once all were tried."""
        errors = []
        for lamp in self._lamps.values():
            try:
                lamp.set(0)
            except FirmwareError as error:
                errors.append(error)
        self._until_ns = None
        if errors:
            raise errors[0]

    def _set(self, grant: Grant) -> None:
        """Dark ones first: at no time shines more than before or after."""
        for emitter in (emitter for emitter in self._lamps if emitter not in grant.word):
            self._lamps[emitter].set(0)
        for emitter in (emitter for emitter in self._lamps if emitter in grant.word):
            self._lamps[emitter].set(grant.duty_percent)

    def _fault(self, why: str) -> str:
        self._limiter.ask("0", 0, self._clock.now_ns())
        try:
            self.dark()
        except FirmwareError as error:
            why = f"{why}; {error}"
        return f"fault {why}".encode("ascii", "backslashreplace").decode("ascii").replace("\n", " ")
