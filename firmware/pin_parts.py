"""LED, buzzer, button and tamper switch on the lines of a board, whichever driver holds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from firmware.errors import FirmwareError
from firmware.led_language import BLACK, Channel, Colour, as_fitted, moment_of
from firmware.pins import Input, Output
from firmware.ports import Clock, LedPattern, Tune
from firmware.rhythm import Rhythm
from firmware.tunes import TUNES_MS


class PinLed:
    """A status LED of up to three colours, or up to three single ones. Obeys `firmware.ports.StatusLed`.

    A thread of its own keeps the rhythm, which starts anew with each other pattern, on the clock of screen and voice.
    """

    def __init__(self, outputs: Mapping[Channel, Output], clock: Clock) -> None:
        """The lines of the colours that are fitted, at least one."""
        self._outputs, self._clock = outputs, clock
        self._fitted: Colour = frozenset(outputs)
        self._shown = (LedPattern.OFF, clock.now_ns())
        self._lit: Colour = BLACK
        self._rhythm = Rhythm("led", self._keep)

    @property
    def fault(self) -> FirmwareError | None:
        """Why it does not show what it should."""
        return self._rhythm.fault

    def show(self, pattern: LedPattern) -> None:
        """Show this pattern until told otherwise; returns at once."""
        if pattern is not self._shown[0]:
            self._shown = (pattern, self._clock.now_ns())
            self._rhythm.wake()

    def close(self) -> None:
        """Stop the rhythm; whoever holds the lines leaves them dark."""
        self._rhythm.end()

    def _keep(self) -> float | None:
        pattern, since_ns = self._shown
        moment = moment_of(pattern, (self._clock.now_ns() - since_ns) / 1e6)
        lit = as_fitted(moment.colour, self._fitted)
        for channel, output in self._outputs.items():
            if (channel in lit) is not (channel in self._lit):
                output.set(channel in lit)
        self._lit = lit
        return moment.left_ms


class PinBuzzer:
    """A buzzer with an oscillator of its own. Obeys `firmware.ports.Buzzer`. A thread of its own plays."""

    def __init__(self, output: Output, clock: Clock) -> None:
        self._output, self._clock = output, clock
        self._playing: tuple[Sequence[int], int] = ((), 0)
        self._rhythm = Rhythm("buzzer", self._keep)

    @property
    def fault(self) -> FirmwareError | None:
        """Why it does not sound."""
        return self._rhythm.fault

    def play(self, tune: Tune) -> None:
        """Play this tune once; returns at once and cuts off a tune that is still sounding."""
        self._playing = (TUNES_MS[tune], self._clock.now_ns())
        self._rhythm.wake()

    def close(self) -> None:
        """Stop; whoever holds the line leaves it silent."""
        self._rhythm.end()

    def _keep(self) -> float | None:
        lengths_ms, since_ns = self._playing
        into_ms = (self._clock.now_ns() - since_ns) / 1e6
        for step, length_ms in enumerate(lengths_ms):
            if into_ms < length_ms:
                self._output.set(step % 2 == 0)
                return length_ms - into_ms
            into_ms -= length_ms
        self._output.set(False)
        return None


class PinButton:
    """A button. Obeys `firmware.ports.Button`. One that is held down is pressed once."""

    def __init__(self, line: Input) -> None:
        self._line = line

    def presses(self) -> Iterable[int]:
        """Hand over the presses since the last call, as clock times in nanoseconds, oldest first; each is told once."""
        return tuple(change.at_ns for change in self._line.changes() if change.active)


class PinTamperSwitch:
    """The switch of the housing. Obeys `firmware.ports.TamperSwitch`.

    A housing that was opened and closed again in between counts as opened until it was told once.
    """

    def __init__(self, line: Input, clock: Clock) -> None:
        self._line = line
        self._opened_ns = clock.now_ns() if line.active() else None

    def opened_since_ns(self) -> int | None:
        """When the housing was opened, or when the unit first looked; None while it is closed."""
        opened_ns = self._opened_ns
        for change in self._line.changes():
            if change.active and opened_ns is None:
                opened_ns = change.at_ns
        self._opened_ns = opened_ns if self._line.active() else None
        return opened_ns
