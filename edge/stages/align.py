"""Better five points than the detector's: what a matcher aligns a face with, and what tells how the head is tilted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.flow import Box, Detection
from edge.imaging import Pixels, crop_resized
from models.runtime import Network

POINTS_CROP_PX = 48


class Aligner:
    """Refines the five points with the network of card `landmarks5`."""

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


def square_around(box: Box, scale: float) -> Box:
    """The square about the box's centre with `scale` times its longer side."""
    side = box.side_px * scale
    x, y = box.centre
    return Box(x - side / 2, y - side / 2, side, side)
