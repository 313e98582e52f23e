"""Which driver holds the lines of which board. It loads only the one that is wanted."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from firmware.pins import PinBank

if TYPE_CHECKING:
    from firmware.ports import Clock


class PinDriver(StrEnum):
    """The libraries that drive lines."""

    GPIOZERO = "gpiozero"
    """On lgpio, for a Raspberry Pi."""
    GPIOD = "gpiod"
    """For every other Linux board."""


def open_bank(driver: PinDriver, chip: str, lg_folder: str | None, clock: Clock) -> PinBank:
    """Open a chip ("gpiochip0"); `lg_folder` is where lgpio may write, None for here. Raises PinChipError. Nothing is guessed."""
    match driver:
        case PinDriver.GPIOZERO:
            from firmware.pi.gpio import ZeroBank, open_lgpio

            return ZeroBank(open_lgpio(chip, lg_folder), clock)
        case PinDriver.GPIOD:
            from firmware.gpio_lines import LineBank

            return LineBank(chip)
