"""Better five points, and the face brought into the matcher's standard position."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.flow import Box, Detection
from edge.imaging import Pixels, crop_resized, similarity_map, warp
from models.runtime import Network

CROP_PX = 128
"""Side of the aligned crop."""

TEMPLATE = np.array(
    [
        [0.31556875, 0.46157411],
        [0.68262292, 0.46157411],
        [0.50026250, 0.64050536],
        [0.34947188, 0.82469196],
        [0.65343645, 0.82469196],
    ],
    dtype=np.float32,
)
"""Where the five points belong in the crop, shares of its side (Open Model Zoo, face-reidentification-retail-0095)."""

POINTS_CROP_PX = 48


class Aligner:
    """Refines the five points with the network of card `landmarks5` and cuts the aligned crop."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def points(self, bgr: Pixels, face: Detection) -> NDArray[np.float32]:
        """(5, 2) refined points in frame pixels, in the order of `Detection.points`, write-protected."""
        square = square_around(face.box, 1.0)
        crop = crop_resized(bgr, square, POINTS_CROP_PX)
        (output,) = self._network.run(np.ascontiguousarray(crop.transpose(2, 0, 1)[None], dtype=np.float32))
        shares = output.reshape(5, 2)
        # The crop was clipped to the frame, so the shares refer to what was left of the square.
        height, width = bgr.shape[:2]
        left, top = max(0.0, square.left_px), max(0.0, square.top_px)
        right, bottom = min(width, square.left_px + square.width_px), min(height, square.top_px + square.height_px)
        points = np.asarray(shares * (right - left, bottom - top) + (left, top), dtype=np.float32)
        points.setflags(write=False)
        return points

    def crop(self, bgr: Pixels, face: Detection) -> Pixels:
        """The (128, 128, 3) BGR crop with the five points in standard position, write-protected."""
        return crop_at(bgr, self.points(bgr, face))


def crop_at(bgr: Pixels, points: NDArray[np.float32]) -> Pixels:
    """The (128, 128, 3) BGR crop that brings these (5, 2) points into standard position, write-protected."""
    crop = warp(bgr, similarity_map(points, TEMPLATE * CROP_PX), CROP_PX)
    crop.setflags(write=False)
    return crop


def square_around(box: Box, scale: float) -> Box:
    """The square about the box's centre with `scale` times its longer side."""
    side = box.side_px * scale
    x, y = box.centre
    return Box(x - side / 2, y - side / 2, side, side)
