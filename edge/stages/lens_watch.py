"""A dirty lens, told from many visits: the place in the picture that is never sharp, whoever comes and however they move (R10).

One blurred frame says nothing: a wall is smooth, and whoever moves is blurred everywhere. So each visit leaves the finest detail
that was seen in each cell of the picture, over what coarse structure there was; the best of the last visits must be as good in
one cell as in the others. Numbers only: nobody can be told from 48 of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.imaging import fineness
from firmware.frame import Frame

ROWS, COLUMNS = 6, 8
VISITS = 12
"""So many visits are remembered, and as many are needed: with eight, three of a hundred clean lenses were called dirty."""
SEEN_IN = 4
"""In so many of them there must have been something to see in a cell."""
DIRTY_BELOW = 0.14
"""Of the detail of the median cell. In 300 draws of twelve clips a clean cell came below 0.15 once, and never below 0.12; behind
a smudge they have 0.02 to 0.1."""
FIRST_NS = 250_000_000
"""So long after a visit began comes the first look: the first frames have enough to do. Each further one comes when the visit has
lasted twice as long, for what did not change in four seconds tells nothing new."""

Cells = NDArray[np.float32]
"""(6, 8) fine detail over coarse structure; NaN where there was nothing to see."""


@dataclass(frozen=True, slots=True)
class Smudge:
    """Where the lens is dirty: middle of the worst cell, shares of the picture from its left and upper edge."""

    x_share: float
    y_share: float
    cells: int


class LensLook:
    """What one visit shows of the lens."""

    def __init__(self) -> None:
        self._best: Cells = np.full((ROWS, COLUMNS), np.nan, np.float32)
        self._began_ns: int | None = None
        self._due_ns = 0

    @property
    def best(self) -> Cells:
        """The finest detail in each cell."""
        return self._best

    def passing(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames; some of them are looked at: after 0.25, 0.5, 1, 2, 4, 8 seconds or a little later."""
        for frame in frames:
            now_ns = frame.captured_ns
            if self._began_ns is None:
                self._began_ns, self._due_ns = now_ns, now_ns + FIRST_NS
            if now_ns >= self._due_ns:
                self._due_ns = self._began_ns + 2 * (now_ns - self._began_ns)
                self._best = np.fmax(self._best, fineness(frame.luma, ROWS, COLUMNS))
            yield frame


def shows_something(cells: Cells) -> bool:
    """Whether anything was seen at all: not where the camera failed, or all was dark."""
    return bool(np.isfinite(cells).any())


def rows_of(cells: Cells) -> list[list[float | None]]:
    """The cells as plain numbers, rounded; None where there was nothing to see."""
    return [[round(cell, 4) if np.isfinite(cell) else None for cell in row] for row in cells.tolist()]


def cells_of(rows: object) -> Cells:
    """The cells of plain numbers; raises ValueError or TypeError when these are not 6 rows of 8."""
    cells = np.array(rows, np.float32)
    if cells.shape != (ROWS, COLUMNS):
        raise ValueError(f"{cells.shape} cells")
    return cells


def find_smudge(visits: Sequence[Cells]) -> Smudge | None:
    """What is dirty after these visits, oldest first; None while it is clean, or too few visits tell."""
    if len(visits) < VISITS:
        return None
    seen = np.stack(visits[-VISITS:])
    known = np.isfinite(seen).sum(axis=0) >= SEEN_IN
    best = np.where(known, np.fmax.reduce(seen), np.nan)
    if not known.any():
        return None
    dirty = best < DIRTY_BELOW * np.nanmedian(best)
    if not dirty.any():
        return None
    row, column = np.unravel_index(int(np.nanargmin(best)), best.shape)
    return Smudge(float((column + 0.5) / COLUMNS), float((row + 0.5) / ROWS), int(dirty.sum()))
