"""What a gate asks for, and the verdict: counts with exact intervals, and reasons in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.calibration.rates import Rate, rate

MOST_FLIPS = 0.005
"""Share of decisions that may differ from those of the float network."""

LEAST_MEAN_COSINE, LEAST_COSINE = 0.985, 0.93
MOST_LOST_FNMR = 0.003
FEWEST_DECISIONS = 100
"""A gate that saw less says nothing: a single flip would be more than it allows."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a gate found."""

    flips: Rate
    """Decisions that differ."""
    figures: Mapping[str, float]
    """What else was measured, by name."""
    reasons: tuple[str, ...]
    """Why it does not pass; empty when it does."""

    @property
    def passed(self) -> bool:
        """Whether the network may be used."""
        return not self.reasons

    @property
    def document(self) -> dict[str, object]:
        """The same as plain JSON."""
        flips = {"changed": self.flips.errors, "of": self.flips.of, "low": self.flips.low, "high": self.flips.high}
        return {"flips": flips, "figures": dict(self.figures), "reasons": list(self.reasons)}


def judged(changed: int, of: int, figures: Mapping[str, float], further: Mapping[str, bool]) -> Judged:
    """The verdict on so many changed decisions; `further` holds what else must be true, by the words for its failure."""
    flips = rate(changed, of)
    conditions = {
        f"only {of} decisions were compared, at least {FEWEST_DECISIONS} are needed": of >= FEWEST_DECISIONS,
        f"{changed} of {of} decisions change, at most {MOST_FLIPS:.1%} may": changed <= MOST_FLIPS * of,
        **further,
    }
    return Judged(flips, figures, tuple(words for words, holds in conditions.items() if not holds))
