"""The light that a face sends, on a grid that moves with the face: so the same cell is the same skin in every frame.

Cells lie in the coordinates of a level face: the unit is the distance of the eyes, the origin the middle between them, x to the
right of the picture, y down. Light is linear: the tone curve of the camera is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.imaging import Pixels, similarity_map, warp_to
from edge.stages.match import Points

Grid = NDArray[np.float32]
"""(ROWS, COLUMNS), or with lamps or frames in front."""

CELL = 1 / 12
"""Side of a cell in eye distances: about half a centimetre."""
LEFT, TOP = -1.0, -0.6
COLUMNS, ROWS = 24, 26
"""From temple to temple, and from the hairline to below the chin."""
CELL_PX = 4

LEVEL_FACE = np.array([[-0.5, 0.0], [0.5, 0.0], [0.0, 0.487], [-0.414, 0.989], [0.414, 0.989]], dtype=np.float32)
"""Eyes, tip of the nose, corners of the mouth (the mean face that embedder `reid0095` is fed with, made even)."""

TONE = 2.2
"""Exponent of the tone curve, near that of sRGB (IEC 61966-2-1). Of a camera without one the shading looks steeper, no more."""
_LINEAR = ((np.arange(256, dtype=np.float32) / 255) ** TONE).astype(np.float32)
CLIPPED = 250
"""Luma from which on a pixel may be brighter than it tells."""

AROUND_COLUMNS, AROUND_ROWS = 16, 12
"""The frame as a whole, coarsely: whether anything around the face answers the lamps."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceLight:
    """What one frame tells about the light of a face and of its surroundings."""

    cells: Grid
    """(ROWS, COLUMNS) mean light, 0 to 1."""
    clipped: NDArray[np.bool_]
    """(ROWS, COLUMNS) whether a cell holds pixels that are too bright to tell."""
    around: Grid
    """(AROUND_ROWS, AROUND_COLUMNS) mean light of the whole frame."""


def across() -> Grid:
    """x of the middle of each cell, (ROWS, COLUMNS)."""
    return np.tile((LEFT + CELL * (np.arange(COLUMNS, dtype=np.float32) + 0.5)), (ROWS, 1)).astype(np.float32)


def down() -> Grid:
    """y of the middle of each cell, (ROWS, COLUMNS)."""
    return np.tile((TOP + CELL * (np.arange(ROWS, dtype=np.float32) + 0.5))[:, None], (1, COLUMNS)).astype(np.float32)


def light_of(luma: Pixels, points: Points) -> FaceLight:
    """Read the light of the face with these five points in a (height, width) brightness plane."""
    crop = warp_to(luma, similarity_map(points, (LEVEL_FACE - (LEFT, TOP)) / CELL * CELL_PX), COLUMNS * CELL_PX, ROWS * CELL_PX)
    squares = crop.reshape(ROWS, CELL_PX, COLUMNS, CELL_PX)
    cells = _LINEAR[squares].mean(axis=(1, 3), dtype=np.float32)
    return FaceLight(cells, (squares >= CLIPPED).any(axis=(1, 3)), _around(luma))


def _around(luma: Pixels) -> Grid:
    height, width = luma.shape[0] // AROUND_ROWS, luma.shape[1] // AROUND_COLUMNS
    whole = luma[: height * AROUND_ROWS : 2, : width * AROUND_COLUMNS : 2]
    rows, columns = whole.shape[0] // AROUND_ROWS, whole.shape[1] // AROUND_COLUMNS
    tiles = whole[: rows * AROUND_ROWS, : columns * AROUND_COLUMNS].reshape(AROUND_ROWS, rows, AROUND_COLUMNS, columns)
    return np.asarray(_LINEAR[tiles].mean(axis=(1, 3), dtype=np.float32))
