"""How sure it is that nose and mouth are bare, and not behind a mask (R17), by the network of card `facemask_aizoo`."""

from __future__ import annotations

from edge.flow import Detection
from edge.imaging import Pixels, crop_resized, rgb_shares, surroundings
from models.runtime import Network

CROP_PX = 260
REGION = 1.7
"""Side of what is looked at over the longer side of the face box; from 1.3 to 2.2 no answer is another (development pictures)."""


class MaskProbe:
    """Looks for a mask."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def bareness(self, bgr: Pixels, face: Detection) -> float:
        """0 (masked) to 1 (bare), of a face in the (height, width, 3) BGR frame; raises `ModelError`."""
        around = surroundings(face.box, REGION, bgr.shape[0], bgr.shape[1])
        _, classes = self._network.run(rgb_shares(crop_resized(bgr, around, CROP_PX))[None])
        mask, bare = classes[0].max(axis=0)  # columns of the card: of so many places, the one that is surest
        return float(bare / max(1e-6, mask + bare))
