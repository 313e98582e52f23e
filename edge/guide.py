"""Chooses the single instruction to show: the worst flaw, held long enough to be read, never flickering (R67, R68)."""

from __future__ import annotations

from edge.flow import Observation
from wire.reasons import Category, Reason

PERSISTS_NS = 300_000_000
"""A flaw must last so long before it is worth a word."""
SHOWN_AT_LEAST_NS = 1_500_000_000
"""An instruction stays at least so long: a slow reader needs the time."""


class Guide:
    """Turns observations into at most one instruction at a time."""

    def __init__(self) -> None:
        self._candidate: Reason | None = None
        self._candidate_since_ns = 0
        self._shown: Reason | None = None
        self._shown_since_ns = 0

    @property
    def shown(self) -> Reason | None:
        """The instruction that stands at present."""
        return self._shown

    def advise(self, seen: Observation) -> Reason | None:
        """The instruction that should be on the screen now, or None when nothing is wrong."""
        worst = first_of(seen)
        if worst is not self._candidate:
            self._candidate, self._candidate_since_ns = worst, seen.captured_ns
        lasting = seen.captured_ns - self._candidate_since_ns >= PERSISTS_NS
        read = self._shown is None or seen.captured_ns - self._shown_since_ns >= SHOWN_AT_LEAST_NS
        if self._candidate is not self._shown and lasting and read:
            self._shown, self._shown_since_ns = self._candidate, seen.captured_ns
        return self._shown


def first_of(seen: Observation) -> Reason | None:
    """What to say first of one frame; None when nothing is wrong with it."""
    if seen.sample is None:
        return Reason.NO_FACE
    if seen.sample.flaws:
        return seen.sample.flaws[0].reason
    hindrance = seen.answer.hindrance if seen.answer else None
    return hindrance if hindrance and hindrance.category is Category.GUIDANCE else None
