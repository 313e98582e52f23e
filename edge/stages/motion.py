"""Whether anything stirs before the camera: the gate in front of the detector while nobody sits there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.imaging import Pixels, tile_means

STEP_PX = 8
"""Only every eighth pixel of every eighth row is read."""
TILE = 4
"""So many of those make a side of a tile; a face that can be used is several tiles large."""
STIRS = 7
"""Mean difference of a tile of sixteen values, in luma: noise of a standard deviation of 3 stays below it."""


class MotionGate:
    """Compares frames with the one in which something stirred last. One thread."""

    def __init__(self) -> None:
        self._before: NDArray[np.int16] | None = None

    def stirs(self, luma: Pixels) -> bool:
        """Whether a (height, width) brightness plane differs anywhere from the last one for which this was so.

        The first one of all does, and so does one of another size. A slow change adds up, for what is compared with stays.
        """
        tiles = tile_means(luma[::STEP_PX, ::STEP_PX], TILE).astype(np.int16)
        before = self._before
        if before is not None and before.shape == tiles.shape and int(np.abs(tiles - before).max()) < STIRS:
            return False
        self._before = tiles
        return True
