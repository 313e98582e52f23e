"""What the status LED says: one table, pattern -> colour and rhythm. It knows no LED.

Every pattern can be told by its rhythm alone, because one man in twelve does not see red from green, and many units have one LED
only. No pattern flashes more than three times in any second (WCAG 2.3.1, "three flashes or below threshold"), and none is faster
than an old eye follows. The picture of this table is `docs/pictures/led.svg`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from firmware.ports import LedPattern


class Channel(StrEnum):
    """One colour of the LED, or one of up to three single LEDs."""

    RED = "red"
    GREEN = "green"
    BLUE = "blue"


Colour = frozenset[Channel]

BLACK: Colour = frozenset()
RED: Colour = frozenset({Channel.RED})
AMBER: Colour = frozenset({Channel.RED, Channel.GREEN})
GREEN: Colour = frozenset({Channel.GREEN})
BLUE: Colour = frozenset({Channel.BLUE})
WHITE: Colour = frozenset(Channel)


@dataclass(frozen=True, slots=True)
class Signal:
    """How one pattern looks."""

    colour: Colour
    rhythm_ms: tuple[int, ...]
    """On, off, on, off ... in milliseconds, and again from the start; empty means steady."""
    meaning: str
    """What a person may conclude, for the page about it."""

    @property
    def cycle_ms(self) -> int:
        """After so long it starts again; 0 where it is steady."""
        return sum(self.rhythm_ms)


LANGUAGE: Mapping[LedPattern, Signal] = {
    LedPattern.OFF: Signal(BLACK, (), "The unit is off."),
    LedPattern.IDLE: Signal(GREEN, (200, 3800), "Ready. Nobody is being served."),
    LedPattern.LOOK_HERE: Signal(WHITE, (500, 500), "Look at the unit; the screen says what helps."),
    LedPattern.HOLD_STILL: Signal(WHITE, (), "Good. Keep still."),
    LedPattern.DO_ACTION: Signal(BLUE, (250, 250, 250, 1250), "Do what the screen asks for."),
    LedPattern.DONE: Signal(GREEN, (2500, 500), "Done."),
    LedPattern.REFUSED: Signal(AMBER, (250, 250, 250, 250, 250, 1500), "Not this time; the screen says why."),
    LedPattern.FAULT: Signal(RED, (1000, 300, 250, 1450), "The unit cannot serve anyone; call the staff."),
    LedPattern.NO_NETWORK: Signal(AMBER, (1000, 3000), "Ready. Results wait for the network."),
    LedPattern.WAIT: Signal(BLUE, (1500, 1500), "Please wait: the unit starts, or tries its parts."),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """What the LED shows now, and for how much longer."""

    colour: Colour
    left_ms: float | None
    """So long until it changes by itself; None where it never does."""


def moment_of(pattern: LedPattern, shown_ms: float) -> Moment:
    """What a pattern looks like so many milliseconds (0 or more) after it was shown first."""
    signal = LANGUAGE[pattern]
    if not signal.rhythm_ms:
        return Moment(signal.colour, None)
    into_ms = shown_ms % signal.cycle_ms
    step, end_ms = next((step, end_ms) for step, end_ms in enumerate(accumulate(signal.rhythm_ms)) if into_ms < end_ms)
    return Moment(BLACK if step % 2 else signal.colour, end_ms - into_ms)


def as_fitted(colour: Colour, fitted: frozenset[Channel]) -> Colour:
    """The nearest that the fitted channels can show: those of the colour that are there, else all that are there."""
    if not colour:
        return BLACK
    return colour & fitted or fitted
