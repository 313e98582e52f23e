"""Chooses the single instruction to show: the worst flaw, held long enough to be read, never flickering (R67, R68)."""

from __future__ import annotations

from edge.flow import Observation
from wire.reasons import Category, Reason

PERSISTS_NS = 300_000_000
"""A flaw must last so long before it is worth a word."""
SHOWN_AT_LEAST_NS = 1_500_000_000
"""An instruction stays at least so long: a slow reader needs the time."""

FOLLOWED_WITHIN_NS = 10_000_000_000
"""Whoever has not followed an instruction by then cannot, or does not understand it: to repeat it is no help (R23)."""


class Guide:
    """Turns observations into at most one instruction at a time."""

    def __init__(self) -> None:
        self._candidate: Reason | None = None
        self._candidate_since_ns = 0
        self._shown: Reason | None = None
        self._shown_since_ns = 0
        self._calls_staff = False

    @property
    def shown(self) -> Reason | None:
        """The instruction that stands at present."""
        return self._shown

    @property
    def calls_staff(self) -> bool:
        """Whether the remedy has had its time, and somebody should come and help; then it is the remedy's turn again."""
        return self._calls_staff

    def advise(self, seen: Observation) -> Reason | None:
        """The instruction that should be on the screen now, or None when nothing is wrong."""
        worst = first_of(seen)
        if worst is not self._candidate:
            self._candidate, self._candidate_since_ns = worst, seen.captured_ns
        lasting = seen.captured_ns - self._candidate_since_ns >= PERSISTS_NS
        read = self._shown is None or seen.captured_ns - self._shown_since_ns >= SHOWN_AT_LEAST_NS
        if self._candidate is not self._shown and lasting and read:
            self._shown, self._shown_since_ns = self._candidate, seen.captured_ns
        turns = (seen.captured_ns - self._shown_since_ns) // FOLLOWED_WITHIN_NS
        # Where nobody sits there is nobody to help.
        self._calls_staff = self._shown not in (None, Reason.NO_FACE) and turns % 2 == 1
        return self._shown


def first_of(seen: Observation) -> Reason | None:
    """What to say first of one frame; None when nothing is wrong with it."""
    if seen.sample is None:
        return Reason.NO_FACE
    if seen.sample.flaws:
        return seen.sample.flaws[0].reason
    hindrance = seen.answer.hindrance if seen.answer else None
    return hindrance if hindrance and hindrance.category is Category.GUIDANCE else None
