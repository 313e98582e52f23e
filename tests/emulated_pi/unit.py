"""A unit with everything that hangs on lines: `python -m tests.emulated_pi.unit DRIVER CHIP FOLDER LONGEST_ON_MS`.

It takes one order a line:
shine WORD      light these emitters, "0" for none
show PATTERN    of the LED
play TUNE       of the buzzer
faults          whether its parts are well
The first line that it says is "ready", or which parts are missing and why. All lamps hang on lines, for the machine has no PWM.
"""

from __future__ import annotations

import sys

from firmware.clock import SystemClock
from firmware.dose import LightLimits
from firmware.errors import FirmwareError
from firmware.fitted import Fitted, fit
from firmware.fittings import Fittings
from firmware.frame import Light
from firmware.pin_drivers import PinDriver
from firmware.pins import PinSettings
from firmware.ports import LedPattern, Tune
from tests.emulated_pi.wires import ACTIVE_LOW, WIRES


def obey(order: str, fitted: Fitted) -> str:
    """The answer; an error of the firmware is named with its sentence."""
    try:
        match order.split():
            case ["shine", word] if fitted.illuminator:
                fitted.illuminator.shine(Light.parse(word))
            case ["show", pattern] if fitted.led:
                fitted.led.show(LedPattern(pattern))
            case ["play", tune] if fitted.buzzer:
                fitted.buzzer.play(Tune(tune))
            case ["faults"]:
                return said_of(fitted)
            case _:
                return f"not understood, or not fitted: {order.strip()}"
    except FirmwareError as error:
        return f"{type(error).__name__}: {error}"
    return said_of(fitted)


def said_of(fitted: Fitted) -> str:
    """Whether all parts are there and do what they should; else what is wrong with each."""
    faults = fitted.faults()
    return "; ".join(f"{part}: {type(why).__name__}: {why}" for part, why in sorted(faults.items())) or "ready"


def main(driver: str, chip: str, folder: str, longest_on_ms: str) -> None:
    """Serve until the pipe ends."""
    lines = {function: str(line) for function, line in WIRES.items()}
    pins = PinSettings(chip=chip, **lines, active_low=" ".join(sorted(ACTIVE_LOW)))
    light = LightLimits(left_mw_sr=500, right_mw_sr=500, top_mw_sr=100, longest_on_ms=int(longest_on_ms))
    fittings = Fittings(pins=pins, light=light, lg_folder=folder)
    with fit(fittings, PinDriver(driver), SystemClock()) as fitted:
        say(said_of(fitted))
        for order in sys.stdin:
            say(obey(order, fitted))


def say(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line.replace("\n", " ") + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
