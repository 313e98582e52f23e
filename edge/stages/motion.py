"""Whether anything stirs before the camera: the gate in front of the detector while nobody sits there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.imaging import Pixels

STEP_PX = 8
"""Only every eighth pixel of every eighth row is read."""
TILE = 4
"""So many of those make a side of a tile; a face that can be used is several tiles large."""
STIRS = 7.0
"""Mean difference of a tile of sixteen values, in luma: noise of a standard deviation of 4 stays below it."""

Coarse = NDArray[np.float32]


class MotionGate:
    """Compares frames with the one in which something stirred last. One thread."""

    def __init__(self) -> None:
        self._before: Coarse | None = None

    def stirs(self, luma: Pixels) -> bool:
        """Whether a (height, width) brightness plane differs anywhere from the last one for which this was so.

        The first one of all does, and so does one of another size. A slow change adds up, for what is compared with stays.
        """
        coarse = _coarse(luma)
        before, self._before = self._before, coarse
        if before is None or before.shape != coarse.shape:
            return True
        if float(np.abs(coarse - before).max(initial=0.0)) >= STIRS:
            return True
        self._before = before
        return False


def _coarse(luma: Pixels) -> Coarse:
    read = luma[::STEP_PX, ::STEP_PX]
    rows, columns = max(1, read.shape[0] // TILE), max(1, read.shape[1] // TILE)
    tiles = read[: rows * TILE, : columns * TILE]
    if tiles.shape != (rows * TILE, columns * TILE):
        return read.astype(np.float32)
    return np.asarray(tiles.reshape(rows, TILE, columns, TILE).mean(axis=(1, 3), dtype=np.float32))
