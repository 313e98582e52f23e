"""Looks at the texture of face and surroundings for traces of a print or a screen (MiniFASNet, two scales)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from edge.flow import Box, Cue, CueKind, Detection, LivenessScore
from edge.imaging import Pixels, crop_shrunk, surroundings
from models.contract import Tensor
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
        pieces = self.pieces(bgr, face, captured_ns)
        while True:
            try:
                next(pieces)
            except StopIteration as done:
                cue: Cue = done.value
                return cue

    def pieces(self, bgr: Pixels, face: Detection, captured_ns: int) -> Generator[None, None, Cue]:
        """The same by pieces, one for each network: no frame need bear them all. The first copies of it what all look at."""
        around = [surroundings(face.box, net.scale, bgr.shape[0], bgr.shape[1]) for net in self._nets]
        # Where a face is large, the frame ends before either wants it to: then all see the same.
        crops = {box: _crop(bgr, box) for box in dict.fromkeys(around)}
        scores: list[float] = []
        for net, box in zip(self._nets, around, strict=True):
            if scores:
                yield
            scores.append(_real(net, crops[box]))
        return Cue(CueKind.TEXTURE, LivenessScore(float(np.mean(scores))), captured_ns)


def _crop(bgr: Pixels, box: Box) -> Tensor:
    return np.ascontiguousarray(crop_shrunk(bgr, box, CROP_PX).transpose(2, 0, 1)[None], dtype=np.float32)


def _real(net: TextureNet, crop: Tensor) -> float:
    (output,) = net.network.run(crop)
    return float(output[0, REAL])
