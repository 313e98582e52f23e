"""Which parts of a face are hidden: those whose dense landmarks are guessed, and guessed anew at each look (R15, R17).

The same face is shown to the network a little larger, and a little aside. Points that it sees stay where they are, within a
hundredth of the eye distance; those under a hand, a scarf or hair follow the crop.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.flow import Box, Detection
from edge.imaging import Pixels
from edge.stages.landmarks import LEFT_EYE, LOWER_LIP, MOUTH_LEFT, MOUTH_RIGHT, RIGHT_EYE, UPPER_LIP, MeshFitter, in_frame

OTHERWISE = ((0.85, 0.0), (0.9, 0.06))
"""How large the region is, and how far it lies aside and below, shares of the usual one. Of nine looks these two tell most."""

# Of the dense landmarks (MediaPipe Face Landmarks, 478 points).
BROWS = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)
NOSE = (1, 2, 4, 5, 98, 327)
MOUTH = (UPPER_LIP, LOWER_LIP, MOUTH_RIGHT, MOUTH_LEFT, 0, 17, 61, 291)
CHIN = (148, 152, 176, 377, 400)

LEAST_PX = 60.0
"""Points of faces whose eyes are nearer lie no better than those of such a face, in pixels; their doubt is a share of this."""

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class MeshDoubt:
    """By how much the points of a part are apart from look to look: mean over the points, shares of the eye distance."""

    brows: float
    right_eye: float
    left_eye: float
    nose: float
    mouth: float
    chin: float

    @property
    def eyes(self) -> float:
        """That of the eye that is seen worse."""
        return max(self.right_eye, self.left_eye)


NO_HOLD = MeshDoubt(1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
"""Of a face in which a look finds no points at all."""


def mesh_doubt(bgr: Pixels, face: Detection, seen: Points, fitter: MeshFitter) -> Generator[None, None, MeshDoubt]:
    """Look again, twice, at a face in the (height, width, 3) BGR frame whose (478, 2) points were `seen` in it.

    Pauses before each look, for one costs as much as a frame may. Raises `ModelError` or `LivenessBrokenError`.
    """
    looks = [seen]
    for scale, aside in OTHERWISE:
        yield
        other = replace(face, box=_otherwise(face.box, scale, aside))
        mesh = fitter.fit(bgr, other)
        if mesh is None:
            return NO_HOLD
        looks.append(in_frame(mesh, other))
    return doubt_of(looks)


def doubt_of(looks: Sequence[Points]) -> MeshDoubt:
    """Compare (478, 2) points of the same face, at least two times."""
    points = np.stack(looks)
    right, left = (points[0, list(eye)].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE))
    eyes_px = max(LEAST_PX, float(np.hypot(*(left - right))))
    apart = np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=-1).mean(axis=0)) / eyes_px
    parts = (BROWS, RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, CHIN)
    return MeshDoubt(*(float(apart[list(part)].mean()) for part in parts))


def _otherwise(box: Box, scale: float, aside: float) -> Box:
    wide, tall, shift = box.width_px * scale, box.height_px * scale, aside * box.side_px
    x, y = box.centre
    return Box(x - wide / 2 + shift, y - tall / 2 + shift, wide, tall)
