"""The unit's face between visits: how the last one ended stays for a while, then the unit is ready."""

from __future__ import annotations

from collections.abc import Callable

from edge.config import Settings
from edge.prompts.catalogue import Catalogue, ScreenCode
from firmware.fitted import Fitted
from firmware.fittings import Fittings
from firmware.ports import LedPattern

ENDING_SHOWN_S = 8.0
"""Time to read an ending twice, slowly, and to hear it."""


def fittings_of(settings: Settings, lg_folder: str | None) -> Fittings:
    """What the settings say is fitted; `lg_folder` is where lgpio may write (LG_WD)."""
    return Fittings(settings.pins, settings.light, settings.screen, settings.sound, lg_folder)


class Front:
    """What LED and screen show while nobody is served. The main loop calls; it never speaks, for nobody is there."""

    def __init__(self, parts: Fitted, catalogue: Catalogue, now_s: Callable[[], float]) -> None:
        self._parts, self._catalogue, self._now_s = parts, catalogue, now_s
        self._ready_at_s: float | None = now_s()

    def visited(self) -> None:
        """A visit has ended; its ending is on the screen."""
        self._ready_at_s = self._now_s() + ENDING_SHOWN_S

    def look(self) -> None:
        """Show that the unit is ready once the ending has been shown long enough."""
        if self._ready_at_s is None or self._now_s() < self._ready_at_s:
            return
        self._ready_at_s = None
        if self._parts.led:
            self._parts.led.show(LedPattern.IDLE)
        if self._parts.screen:
            self._parts.screen.show(self._catalogue.view(ScreenCode.READY))
