"""When to tell the centre how the unit is, and what: the note that `lifecert-edge` left, word for word, while it is young.

Units that were switched on together do not report together: each report comes after a while drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.health.notes import read_note
from wire.telemetry import Telemetry

EVERY_S, JITTER_S = 900.0, 300.0
"""Seconds between two reports: at least the first, at most both together."""
OLD_S = 3600
"""By the unit's clock: a note that is older than this says nothing about now."""


@dataclass(slots=True)
class Heartbeat:
    """One thread. `monotonic_s` never steps; `chance` gives 0 to 1; `now_s` is the unit's clock, which wrote the note."""

    note: Path
    unit: str
    now_s: Callable[[], int]
    monotonic_s: Callable[[], float]
    chance: Callable[[], float]
    _due_s: float | None = None
    _told: Telemetry | None = None

    def young_note(self) -> Telemetry | None:
        """How the unit is; None where its program has not said so lately, or somebody else's note lies there."""
        note = read_note(self.note)
        if note is None or note.unit != self.unit or abs(self.now_s() - note.at_s) > OLD_S:
            return None
        return note

    def due(self) -> Telemetry | None:
        """What to report now: when it is time, and at once when the state is another one than was told last."""
        note = self.young_note()
        if note is None:
            return None
        now_s = self.monotonic_s()
        changed = self._told is not None and note.condition.state != self._told.condition.state
        if self._due_s is not None and now_s < self._due_s and not changed:
            return None
        self._due_s, self._told = now_s + EVERY_S + JITTER_S * self.chance(), note
        return note
