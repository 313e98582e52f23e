"""Looks at the texture of face and surroundings for traces of a print or a screen (MiniFASNet, two scales)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.flow import Box, Cue, CueKind, Detection, LivenessScore
from edge.imaging import Pixels, crop_shrunk, surroundings
from models.runtime import Network

CROP_PX = 80
REAL = 1
"""Index of the class `real`; 0 and 2 are attacks."""


@dataclass(frozen=True, slots=True)
class TextureNet:
    """One network and how much of the surroundings it wants to see."""

    network: Network
    scale: float


class TextureProbe:
    """The mean of the networks' probability of `real`. They want raw frames: no contrast tricks before."""

    def __init__(self, nets: tuple[TextureNet, ...]) -> None:
        self._nets = nets

    def probe(self, bgr: Pixels, face: Detection, captured_ns: int) -> Cue:
        """Probe one face of a (height, width, 3) BGR frame, values 0 to 255."""
        scores = [self._real(net, bgr, face.box) for net in self._nets]
        return Cue(CueKind.TEXTURE, LivenessScore(float(np.mean(scores))), captured_ns)

    @staticmethod
    def _real(net: TextureNet, bgr: Pixels, box: Box) -> float:
        crop = crop_shrunk(bgr, surroundings(box, net.scale, bgr.shape[0], bgr.shape[1]), CROP_PX)
        (output,) = net.network.run(np.ascontiguousarray(crop.transpose(2, 0, 1)[None], dtype=np.float32))
        return float(output[0, REAL])
