"""Pictures as arrays: looking up, enlarging, blurring, filling. The simulation's door to OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware.twin.physics.optics import Grid

Pixels = NDArray[np.float32] | NDArray[np.uint8]


def look_up(grid: Pixels, column: Grid, row: Grid) -> Grid:
    """Values of an array, (h, w) or (h, w, channels), at fractional places, (a, b) each; its last ones beyond the border."""
    return np.asarray(cv2.remap(grid, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), dtype=np.float32)


def look_up_mirrored(grid: Pixels, column: Grid, row: Grid) -> Grid:
    """The same, but mirrored beyond the border."""
    return np.asarray(cv2.remap(grid, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), dtype=np.float32)


def enlarged(grid: Grid, width: int, height: int) -> Grid:
    """The same picture with more pixels."""
    return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def blurred(grid: Grid, radius: float) -> Grid:
    """Softened by a Gaussian of this standard deviation, pixels."""
    return np.asarray(cv2.GaussianBlur(grid, (0, 0), radius), dtype=np.float32)


def planes(grid: Grid) -> Grid:
    """(h, w, channels) to (channels, h, w): arithmetic on planes is several times as fast."""
    return np.asarray(cv2.split(grid), dtype=np.float32)
