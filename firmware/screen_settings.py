"""Which screen a unit has. The settings `[screen]`; the types only, no driver."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ScreenKind(StrEnum):
    """The screens of this product."""

    NONE = "none"
    """There is none: the voice and the LED speak alone."""
    PANEL = "panel"
    """A large one, which shows a page that the unit serves; see the panel's own document."""
    ST7789 = "st7789"
    """240 x 240, colour, SPI."""
    ILI9341 = "ili9341"
    """320 x 240, colour, SPI."""
    SSD1306 = "ssd1306"
    """128 x 64, one colour, I2C."""


@dataclass(frozen=True, slots=True)
class ScreenSettings:
    """The settings `[screen]`."""

    kind: ScreenKind = ScreenKind.NONE
    bus: str | None = None
    """ "spi0.0" (port, device) or "i2c-1/0x3c" (port, address); None for these two, by what the kind needs."""
    rotation: int = 0
    """Degrees clockwise: 0, 90, 180 or 270."""
    font: Path | None = None
    """A font with Chinese characters; None for the first of Debian's that is there."""
