"""What a spoiler is: it spoils the frame of a sitter in one way, as strongly as asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edge.evaluate.guidance.seat import Seated, Sitter
from edge.imaging import Pixels

STRENGTHS = (1, 2, 3)
"""What one notices, what is plain, what is hopeless."""


@dataclass(frozen=True, slots=True, eq=False)
class Spoiling:
    """What a spoiler works on."""

    sitter: Sitter
    other: Sitter
    """Somebody else, for who else is in the picture."""
    step: int
    """Out of STRENGTHS."""
    dice: np.random.Generator
    frame: Seated
    """The sitter in the usual seat."""

    def of(self, *by_step: float) -> float:
        """The number for this strength."""
        return by_step[self.step - 1]


Spoiler = Callable[[Spoiling], Pixels]
