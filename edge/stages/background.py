"""How plain it is behind a head (R14): it costs no likeness, so it is scored and never held against a visitor."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from edge.flow import Box
from edge.imaging import Pixels, crop_resized, surroundings

SIDE_PX = 64
LUMA = np.array([0.114, 0.587, 0.299], np.float32)
"""Of B, G and R (ITU-R BT.601)."""
REGION = 2.4
"""Side of what is looked at over that of the face box."""
HEAD = 0.72
"""Half the width and height of head and hair over those of the face box."""
LOWEST = 0.4
"""Below this share of the head's half height, under its middle, are neck and shoulders."""


def clutter(bgr: Pixels, face: Box) -> float:
    """Mean steepness behind the head, luma per pixel of 64 across twice the head; 1 before a plain wall, 20 in a crowd.

    0 where the face fills the (height, width, 3) frame. ISO/IEC 29794-5:2025 measures uniformity by gradients, too.
    """
    around = surroundings(face, REGION, bgr.shape[0], bgr.shape[1])
    crop = crop_resized(bgr, around, SIDE_PX).astype(np.float32) @ LUMA
    x, y = face.centre
    middle = (x - around.left_px) / around.width_px, (y - around.top_px) / around.height_px
    half = HEAD * face.width_px / around.width_px, HEAD * face.height_px / around.height_px
    across, down = _grid()
    away = ((across - middle[0]) / half[0]) ** 2 + ((down - middle[1]) / half[1]) ** 2
    behind = (away > 1) & (down < middle[1] + LOWEST * half[1])
    if not behind.any():
        return 0.0
    steep_down, steep_across = np.gradient(crop)
    return float(np.hypot(steep_down, steep_across)[behind].mean())


@cache
def _grid() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """How far right and down each pixel lies, shares of the side."""
    down, across = np.mgrid[:SIDE_PX, :SIDE_PX].astype(np.float32) / SIDE_PX
    return across, down
