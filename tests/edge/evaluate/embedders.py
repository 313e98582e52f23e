"""Embedders that exist only in tests: each keeps the port, and some are bad ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.flow import Crops, MatcherIdentity
from edge.imaging import Pixels
from edge.stages.match import Embedding, Points

IDENTITY = MatcherIdentity("made_up", bytes(range(32)), "none 1.0")


@dataclass
class PlacedEmbedder:
    """Sees nothing but where the face is: the embedding turns with its middle, by so many radians a pixel."""

    identity: MatcherIdentity = IDENTITY
    dimension: int = 3
    turn_per_px: float = 0.001
    slip: Callable[[], float] = field(default=lambda: 0.0)
    """Added to the angle of each answer."""
    after: Callable[[], None] = field(default=lambda: None)
    """Called with each answer."""
    stills: int = 0

    def crops(self, bgr: Pixels, points: Points) -> Crops:
        """A crop that says how far the face is from the middle of the picture."""
        away = abs(float(points[:, 0].mean()) - (bgr.shape[1] - 1) / 2) + float(points[:, 1].mean())
        crop = np.frombuffer(np.float64(away).tobytes(), dtype=np.uint8)
        return (crop,)

    def embed_still(self, crops: Crops) -> Embedding:
        """The angle of the crop."""
        self.stills += 1
        self.after()
        (away,) = np.frombuffer(crops[0].tobytes(), dtype=np.float64)
        angle = self.turn_per_px * float(away) + self.slip()
        return Embedding(np.array([math.cos(angle), math.sin(angle), 0.0], dtype=np.float32))

    def embed_shots(self, shots: Sequence[Crops]) -> tuple[Embedding, ...]:
        """As stills."""
        return tuple(self.embed_still(crops) for crops in shots)
