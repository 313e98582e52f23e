"""Shows how the unit is between visits, by light and screen, and passes it on to panel and centre. It shows only what changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from edge.health.health import Facts, Health
from edge.health.notes import NoteBook
from edge.health.report import condition_of, said_to_centre
from edge.prompts.catalogue import Catalogue, ScreenCode
from edge.showing.messages import Condition
from firmware.ports import Mood, Screen, StatusLed
from wire.reasons import Reason


def told_nobody(_condition: Condition) -> None:
    """For a unit without a panel."""


@dataclass(slots=True)
class Announcer:
    """One thread. A visit shows what it likes meanwhile; `forget` afterwards, and the state is shown anew."""

    led: StatusLed
    screen: Screen
    words: Catalogue
    notes: NoteBook
    tell: Callable[[Condition], None] = told_nobody
    _shown: Reason | ScreenCode | None = None

    def __call__(self, health: Health, facts: Facts) -> None:
        """Show and tell."""
        self.tell(condition_of(health, facts))
        self.notes.keep(said_to_centre(health, facts))
        trouble = None if health.serves else health.trouble
        code = trouble or ScreenCode.READY
        if code is self._shown:
            return
        self._shown = code
        self.led.show(health.led)
        view = self.words.view(code)
        self.screen.show(replace(view, mood=Mood.FAULT) if trouble else view)

    def forget(self) -> None:
        """Something else is on the screen."""
        self._shown = None
