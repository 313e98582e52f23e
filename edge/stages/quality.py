"""How well a matcher is likely to do with a face: LightQNet (Chen et al., IEEE Signal Processing Letters 28, 2021)."""

from __future__ import annotations

from typing import NewType

import numpy as np

from edge.imaging import Pixels, similarity_map, warp
from edge.stages.match import Points
from models.runtime import Network

FaceQuality = NewType("FaceQuality", float)
"""0 to 1; good faces sit near 0.60, and below 0.50 the matcher fails often (card `lightqnet_dm100`)."""

CROP_PX = 96
TEMPLATE = np.array([[0.3419, 0.4616], [0.6565, 0.4598], [0.5012, 0.8240]], dtype=np.float32)
"""Where eye, eye and the middle of the mouth belong, shares of the crop."""


class QualityProbe:
    """Judges faces with the network of card `lightqnet_dm100`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def judge(self, bgr: Pixels, points: Points) -> FaceQuality:
        """The quality of the face with these five points in a (height, width, 3) BGR picture; raises `ModelError`."""
        three = np.stack([points[0], points[1], (points[3] + points[4]) / 2])
        crop = warp(bgr, similarity_map(three, TEMPLATE * CROP_PX), CROP_PX)
        (output,) = self._network.run((crop.astype(np.float32)[None] - 128) / 128)
        return FaceQuality(float(output[0, 0]))
