"""Counts how often a part of the unit failed in a row, and says when to try it again. Pure: time is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edge.health.faults import Fault, given_up

OUT_AFTER = 3
PAUSES_S = (5.0, 10.0)
"""After the first and the second failure in a row."""
LONG_PAUSE_S = 60.0
"""After each further one."""


@dataclass(frozen=True, slots=True)
class Strikes:
    """What a part has done lately."""

    count: int = 0
    """Failures since the last visit that the equipment served well. A trial that succeeds takes back none of them."""
    standing: Fault | None = None
    """What is wrong now; None once a trial succeeded."""
    try_at_s: float = 0.0
    """When the part is tried again, on the clock of `struck`."""

    @property
    def fault(self) -> Fault | None:
        """What is wrong, given up after three times."""
        if self.standing is None:
            return None
        return given_up(self.standing) if self.count >= OUT_AFTER else self.standing


NO_STRIKES = Strikes()


def struck(before: Strikes, fault: Fault, now_s: float) -> Strikes:
    """One failure more."""
    pause_s = PAUSES_S[before.count] if before.count < len(PAUSES_S) else LONG_PAUSE_S
    return Strikes(before.count + 1, fault, now_s + pause_s)


def tried_well(before: Strikes) -> Strikes:
    """A trial succeeded: visits may begin, on probation."""
    return replace(before, standing=None)


def is_due(strikes: Strikes, now_s: float) -> bool:
    """Whether to try the part now."""
    return strikes.standing is not None and now_s >= strikes.try_at_s
