"""Passes on how the unit is: to its own face between visits, to a panel, and to the centre."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge.front import Front
from edge.health.health import Facts, Health
from edge.health.notes import NoteBook
from edge.health.report import Beside, condition_of, said_to_centre
from edge.showing.messages import Condition
from edge.version import software_version

WAITING_WHEN_LATE = 2
"""So many results wait where there is no network: one may be on its way, and one may have just been made."""


def told_nobody(_condition: Condition) -> None:
    """For a unit without a panel."""


def nothing_beside() -> Beside:
    """For a unit of which nobody knows more than its health."""
    return Beside(software_version())


@dataclass(slots=True)
class Announcer:
    """One thread. A visit shows what it likes meanwhile; `forget` afterwards, and the state is shown anew."""

    front: Front
    notes: NoteBook
    tell: Callable[[Condition], None] = told_nobody
    beside: Callable[[], Beside] = nothing_beside
    _last: tuple[Health, Facts] | None = None

    def __call__(self, health: Health, facts: Facts) -> None:
        """Show and tell."""
        self._last = health, facts
        self.again()
        self.notes.keep(said_to_centre(health, facts))
        trouble = None if health.serves else health.trouble
        self.front.be(trouble, health.led, late=facts.waiting > WAITING_WHEN_LATE)

    def again(self) -> None:
        """Tell a panel what was told last, with what is new beside it."""
        if self._last:
            self.tell(condition_of(*self._last, self.beside()))

    def forget(self) -> None:
        """A visit has used light and screen."""
        self.front.visited()
