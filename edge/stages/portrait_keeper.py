"""Keeps the face as it is, where a visit would keep aligned crops: for pictures that become references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.errors import EmbeddingInvalidError
from edge.flow import Crops, MatcherIdentity
from edge.imaging import Pixels
from edge.stages.match import Embedding, Points

BESIDE, ABOVE, BELOW = 2.0, 2.2, 3.0
"""How far a picture reaches from the middle of the eyes, in eye distances: head and shoulders, room for the detector."""


@dataclass(frozen=True, slots=True)
class PortraitKeeper:
    """Stands where the matcher stands, and keeps the surroundings of the face as they are instead of aligned crops."""

    @property
    def identity(self) -> MatcherIdentity:
        """It is no matcher, so it has no digest that a threshold could name."""
        return MatcherIdentity("portrait keeper", bytes(32), "none")

    @property
    def dimension(self) -> int:
        """It makes no embedding."""
        return 0

    def crops(self, bgr: Pixels, points: Points) -> Crops:
        """A copy of the face and what is around it, cut at the border of the frame, write-protected."""
        eyes = float(np.hypot(*(points[1] - points[0])))
        x, y = (points[0] + points[1]) / 2
        top, left = max(0, round(y - ABOVE * eyes)), max(0, round(x - BESIDE * eyes))
        portrait = bgr[top : round(y + BELOW * eyes), left : round(x + BESIDE * eyes)].copy()
        portrait.setflags(write=False)
        return (portrait,)

    def embed_still(self, crops: Crops) -> Embedding:
        """It cannot: raises `EmbeddingInvalidError`."""
        raise EmbeddingInvalidError

    def embed_shots(self, shots: Sequence[Crops]) -> tuple[Embedding, ...]:
        """It cannot: raises `EmbeddingInvalidError`."""
        raise EmbeddingInvalidError
