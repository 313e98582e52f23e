"""What is fitted to a board beside its camera, in words: lines, lamps, screen, loudspeaker. No driver is loaded for them here."""

from __future__ import annotations

from dataclasses import dataclass, field

from firmware.dose import LightLimits
from firmware.pins import PinSettings
from firmware.ports import Screen, Speaker
from firmware.screen_settings import ScreenSettings
from firmware.voice_folder import SoundSettings


@dataclass(frozen=True, slots=True)
class Fittings:
    """What `open_board` is told about the parts of a unit. Without anything every part only remembers."""

    pins: PinSettings = field(default_factory=PinSettings)
    light: LightLimits = field(default_factory=LightLimits)
    screen: ScreenSettings = field(default_factory=ScreenSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    lg_folder: str | None = None
    """Where lgpio may write (LG_WD); None for the working directory. Of a Raspberry Pi only."""
    own_screen: Screen | None = None
    """A screen that somebody else serves, in place of the one of `screen`."""
    own_speaker: Speaker | None = None
    """A loudspeaker that somebody else serves, in place of the one of `sound`."""


NO_FITTINGS = Fittings()
