"""The unit's face between visits: how the last one ended stays for a while, then the unit is ready, in any of its languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from edge.beside import Screens, beside
from edge.config import Settings
from edge.health.faults import TABLE, fault_of_error
from edge.prompts.catalogue import LANGUAGE_CHOICE, Catalogue, ScreenCode, other_languages
from edge.reception import Reception
from edge.showing.messages import Condition
from edge.showing.orders import is_order
from edge.showing.server import StageServer
from firmware.absent import NO_TOUCHES
from firmware.board import Board
from firmware.fitted import Fitted
from firmware.fittings import Fittings
from firmware.ports import LedPattern, Mood, Screen, StatusLed, Touches, View
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
    tell: Callable[[Condition], None]
    """Tells the panel how the unit is."""


@contextmanager
def open_facade(parts: Fitted, stage: Path | None, last_number: int = 0) -> Iterator[Facade]:
    """LED and small screen, as far as fitted, and the socket for a panel. Raises `StageTakenError`.

    `last_number` is no smaller than any that a program before this one gave to the showing of a view.
    """
    own = (parts.screen,) if parts.screen else ()
    if stage is None:
        yield Facade(parts.led, Screens(own), NO_TOUCHES, lambda board: board, lambda _: None)
        return
    with StageServer(stage, last_number) as server:
        yield Facade(parts.led, Screens((*own, server)), server, lambda board: beside(board, server), server.tell)


@dataclass(frozen=True, slots=True)
class Being:
    """How a unit is, as far as it shows."""

    trouble: Reason | None = None
    """Why it serves nobody."""
    led: LedPattern = LedPattern.IDLE
    late: bool = False
    """Whether results wait for the network."""


class Front:
    """What LED and screen show while nobody is served. The main loop calls; it never speaks, for nobody is there."""

    def __init__(self, facade: Facade, reception: Reception, words: Catalogue, now_s: Callable[[], float]) -> None:
        self._facade, self._reception, self._own_words, self._now_s = facade, reception, words, now_s
        self._words = words
        self._free_at_s: float = now_s()
        self._being = Being()
        self._shown: tuple[str, Being] | None = None
        self._orders: list[str] = []

    @property
    def words(self) -> Catalogue:
        """The language that the next visitor chose, or the unit's own."""
        return self._words

    def visited(self) -> None:
        """A visit has ended; its ending is on the screen, and the next visitor may speak another language.

        What was touched or ordered meanwhile was for nothing that stands here.
        """
        tuple(self._facade.touches.taken())
        self._orders.clear()
        self._words, self._shown = self._own_words, None
        self._free_at_s = self._now_s() + ENDING_SHOWN_S

    def be(self, trouble: Reason | None, led: LedPattern, *, late: bool) -> None:
        """From now on the unit is like this: why it serves nobody, what its LED says, whether results wait for the network."""
        self._being = Being(trouble, LedPattern.NO_NETWORK if late and led is LedPattern.IDLE else led, late)

    def ail(self, error: Exception) -> None:
        """The unit could not be opened, or broke: show so at once."""
        self._being = Being(TABLE[fault_of_error(error)].reason, LedPattern.FAULT)
        self._free_at_s = self._now_s()
        self.look()

    def wait(self, why: ScreenCode) -> None:
        """The unit is busy with itself: show so at once, until it is looked at again. Nothing can be touched meanwhile."""
        self._free_at_s, self._shown = self._now_s(), None
        self._show(LedPattern.WAIT, self._words.view(why))

    def next_order(self) -> str | None:
        """What an operator has ordered, one each time; None while nobody has, or while an ending is to be read."""
        return self._orders.pop(0) if self._orders and self._now_s() >= self._free_at_s else None

    def look(self) -> None:
        """Show how the unit is, once an ending was shown long enough. Whoever touches the screen need not wait for that."""
        for choice in self._facade.touches.taken():
            if is_order(choice):
                self._orders = [*(each for each in self._orders if each != choice), choice]
                continue
            self._free_at_s = self._now_s()
            self._words = self._reception.others.get(choice.removeprefix(LANGUAGE_CHOICE), self._words)
        shown = (self._words.language, self._being)
        if self._now_s() < self._free_at_s or shown == self._shown:
            return
        self._shown = shown
        self._show(self._being.led, self._view())

    def _show(self, led: LedPattern, view: View) -> None:
        if self._facade.led:
            self._facade.led.show(led)
        self._facade.screen.show(view)

    def _view(self) -> View:
        words, trouble = self._words, self._being.trouble
        choices = other_languages(words.language) if self._reception.others else ()
        if trouble:
            lines = self._reception.elsewhere(words)
            return replace(words.view(trouble), mood=Mood.FAULT, lines=lines, choices=choices)
        late = (words.view(Reason.NET_DEGRADED).title,) if self._being.late else ()
        return replace(words.view(ScreenCode.READY), lines=(*late, *self._reception.notices(words)), choices=choices)
