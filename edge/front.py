"""The unit's face between visits: how the last one ended stays for a while, then the unit is ready, in any of its languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from edge.config import Settings
from edge.prompts.catalogue import LANGUAGE_CHOICE, Catalogue, ScreenCode, other_languages
from edge.reception import Reception
from edge.showing.beside import ManyTouches, Screens, beside
from edge.showing.server import StageServer
from firmware.absent import NO_TOUCHES
from firmware.board import Board
from firmware.fitted import Fitted
from firmware.fittings import Fittings
from firmware.ports import LedPattern, Screen, StatusLed, Touches, View
from wire.reasons import Reason

ENDING_SHOWN_S = 15.0
"""Time to read an ending twice, slowly, and to hear it."""


def fittings_of(settings: Settings, lg_folder: str | None) -> Fittings:
    """What the settings say is fitted; `lg_folder` is where lgpio may write (LG_WD)."""
    return Fittings(settings.pins, settings.light, settings.screen, settings.sound, lg_folder)


@dataclass(frozen=True, slots=True)
class Facade:
    """All that a visitor sees of the unit between visits."""

    led: StatusLed | None
    screen: Screen
    touches: Touches
    panel: Callable[[Board], Board]
    """Puts the panel beside the screen of a board."""


@contextmanager
def open_facade(parts: Fitted, stage: Path | None) -> Iterator[Facade]:
    """LED and small screen, as far as fitted, and the socket for a panel. Raises `StageTakenError`."""
    own = (parts.screen,) if parts.screen else ()
    if stage is None:
        yield Facade(parts.led, Screens(own), NO_TOUCHES, lambda board: board)
        return
    with StageServer(stage) as server:
        yield Facade(parts.led, Screens((*own, server)), ManyTouches((server,)), lambda board: beside(board, server))


class Front:
    """What LED and screen show while nobody is served. The main loop calls; it never speaks, for nobody is there."""

    def __init__(self, facade: Facade, reception: Reception, words: Catalogue, now_s: Callable[[], float]) -> None:
        self._facade, self._reception, self._own_words, self._now_s = facade, reception, words, now_s
        self._words = words
        self._ready_at_s: float = now_s()
        self._shown: tuple[str, bool] | None = None

    @property
    def words(self) -> Catalogue:
        """The language that the next visitor chose, or the unit's own."""
        return self._words

    def visited(self) -> None:
        """A visit has ended; its ending is on the screen, and the next visitor may speak another language."""
        self._words, self._shown = self._own_words, None
        self._ready_at_s = self._now_s() + ENDING_SHOWN_S

    def look(self, *, late: bool) -> None:
        """Show that the unit is ready once the ending was shown long enough; `late` where results wait for the network.

        Whoever touches the screen need not wait for that.
        """
        for choice in self._facade.touches.taken():
            self._ready_at_s = self._now_s()
            self._words = self._reception.others.get(choice.removeprefix(LANGUAGE_CHOICE), self._words)
        shown = (self._words.language, late)
        if self._now_s() < self._ready_at_s or shown == self._shown:
            return
        self._shown = shown
        if self._facade.led:
            self._facade.led.show(LedPattern.NO_NETWORK if late else LedPattern.IDLE)
        self._facade.screen.show(self._view(late))

    def _view(self, late: bool) -> View:
        words = self._words
        lines = (*((words.view(Reason.NET_DEGRADED).title,) if late else ()), *self._reception.notices(words))
        choices = other_languages(words.language) if self._reception.others else ()
        return replace(words.view(ScreenCode.READY), lines=lines, choices=choices)
