"""What became of the visits since the program started: counts and codes, nothing of a person. It is kept in memory only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from edge.flow import Decision
from wire.reasons import Reason
from wire.result import Verdict

REMEMBERED = 10
"""Of so many visits the reason is told."""


@dataclass(slots=True)
class Tally:
    """Counts visits. One thread."""

    visits: int = 0
    accepted: int = 0
    _last: deque[Reason | None] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def add(self, decision: Decision) -> None:
        """A visit ended like this."""
        self.visits += 1
        self.accepted += decision.verdict is Verdict.ACCEPTED
        self._last.appendleft(decision.reasons[0] if decision.reasons else None)

    @property
    def last_reasons(self) -> tuple[Reason, ...]:
        """The first reason of each of the last ten visits, newest first; one that was accepted has none."""
        return tuple(reason for reason in self._last if reason)
