"""Lines of a board: which line does what, and the port that their drivers obey. It knows no driver.

Two drivers stand behind the port: `firmware.pi.gpio` (gpiozero on lgpio) and `firmware.gpio_lines` (libgpiod, any Linux).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from firmware.errors import PinSpecError

LARGEST_OFFSET = 511


class PinFunction(StrEnum):
    """What a line is for; the words are the keys of the settings `[pins]`."""

    LEFT = "left"
    """Lamp L, near-infrared."""
    RIGHT = "right"
    """Lamp R, near-infrared."""
    VISIBLE = "visible"
    """Lamp V, white."""
    TOP = "top"
    """Lamp T, near-infrared."""
    LED_RED = "led_red"
    LED_GREEN = "led_green"
    LED_BLUE = "led_blue"
    BUZZER = "buzzer"
    BUTTON = "button"
    TAMPER = "tamper"
    """Opens with the housing."""
    SCREEN_DC = "screen_dc"
    """Tells a small screen whether a byte is a command or data."""
    SCREEN_RESET = "screen_reset"
    SCREEN_LIGHT = "screen_light"
    """Its backlight."""


LAMPS = {PinFunction.LEFT: "L", PinFunction.RIGHT: "R", PinFunction.VISIBLE: "V", PinFunction.TOP: "T"}
"""The emitter that hangs on a line."""


@dataclass(frozen=True, slots=True)
class PinSettings:
    """Which line does what. The settings `[pins]`; None where a part is not fitted.

    A line is its number on the chip ("17"), its name ("GPIO17"), or, for a lamp only, a channel of hardware PWM ("pwmchip0/1").
    """

    chip: str = "gpiochip0"
    """The chip that holds the lines, by its name in /dev. It is never guessed."""
    left: str | None = None
    right: str | None = None
    visible: str | None = None
    top: str | None = None
    led_red: str | None = None
    led_green: str | None = None
    led_blue: str | None = None
    buzzer: str | None = None
    button: str | None = None
    tamper: str | None = None
    screen_dc: str | None = None
    screen_reset: str | None = None
    screen_light: str | None = None
    active_low: str = "button"
    """The functions, with a space between them, whose low level means on, pressed or opened."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chip."""

    function: PinFunction
    where: int | str
    """Its number on the chip, or its name."""
    active_low: bool = False


@dataclass(frozen=True, slots=True)
class PwmChannel:
    """One channel of hardware PWM."""

    function: PinFunction
    chip: str
    """Such as "pwmchip0"."""
    channel: int
    active_low: bool = False


Wire = Line | PwmChannel


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an input line."""

    at_ns: int
    """Monotonic clock of the machine."""
    active: bool


class Output(Protocol):
    """One line that is driven. It is inactive when opened, and is left inactive."""

    def set(self, active: bool) -> None:
        """Drive it. Raises PinLostError."""
        ...


class Input(Protocol):
    """One line that is watched, with a pull-up; bounces are left out."""

    def active(self) -> bool:
        """Its state now. Raises PinLostError."""
        ...

    def changes(self) -> Iterable[Change]:
        """What changed since the last call, oldest first. Raises PinLostError."""
        ...


class PinBank(Protocol):
    """The lines of one chip. A line can be opened once."""

    def output(self, line: Line) -> Output:
        """Open a line and drive it inactive. Raises PinLostError, which says what to do."""
        ...

    def input(self, line: Line) -> Input:
        """Open a line and watch it. Raises PinLostError, which says what to do."""
        ...

    def close(self) -> None:
        """Drive all outputs inactive and let go of everything; closing twice does no harm."""
        ...


def wires_of(settings: PinSettings) -> tuple[Wire, ...]:
    """The lines that are named, in the order of `PinFunction`; raises PinSpecError where one is not understood or named twice."""
    low = settings.active_low.split()
    if unknown := sorted(set(low) - set(PinFunction)):
        raise PinSpecError("active_low", unknown[0], f"must be out of {', '.join(PinFunction)}")
    wires: dict[str, Wire] = {}
    for function in PinFunction:
        spec = getattr(settings, function.value)
        if spec is None:
            continue
        if spec in wires:
            raise PinSpecError(function, spec, f"is the line of {wires[spec].function} already")
        wires[spec] = _wire(function, spec, active_low=function in low)
    return tuple(wires.values())


def _wire(function: PinFunction, spec: str, *, active_low: bool) -> Wire:
    if channel := re.fullmatch(r"(pwmchip\d{1,3})/(\d{1,2})", spec):
        if function not in LAMPS:
            raise PinSpecError(function, spec, "only a lamp can hang on hardware PWM")
        return PwmChannel(function, channel[1], int(channel[2]), active_low)
    if re.fullmatch(r"0|[1-9][0-9]{0,2}", spec) and int(spec) <= LARGEST_OFFSET:
        return Line(function, int(spec), active_low)
    if re.fullmatch(r"(?!pwmchip)[A-Za-z][\x21-\x7e]{0,30}", spec):
        return Line(function, spec, active_low)
    raise PinSpecError(function, spec, 'must be a number ("17"), a name ("GPIO17"), or for a lamp hardware PWM ("pwmchip0/1")')
