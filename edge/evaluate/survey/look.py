"""One look at a place: what the picture of an empty seat, or of whoever sits there, tells about light and background.

The camera sees what is behind the visitor. A window there blinds it, and a window at one edge lights the face from one side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge.engine import Engine
from edge.evaluate.guidance.paint import TONE
from edge.imaging import shrink
from edge.schedule import GRADED_ONLY
from firmware.frame import Frame
from wire.reasons import Category, Reason

SIDE_PX = 160
"""Pictures are brought to this size: a place needs no detail."""
SEAT = 0.22, 0.36
"""Half the width and half the height of where a visitor's head and hair are, shares of the picture."""
LOWEST = 0.85
"""Below this share of the height are the visitor's clothes and the table."""
BLINDING = 235
"""Luma from which on a background blinds."""
AROUND_PX, SMALL = 11, 0.18
"""What blinds, and fills no more of the square about it, is not even the corner of a window: something throws a lamp back."""
EDGE = 24.0
"""Luma per pixel from which on a change is an edge."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one picture tells."""

    at: datetime
    """On the clock of the place."""
    level: float
    """Median luma, 0 to 255."""
    blinding: float
    """Share of what is behind the visitor that blinds."""
    side: float
    """Light of the left third over that of the right one: -1 all at the right of the picture, 1 all at its left."""
    busy: float
    """Share of what is behind the visitor that is an edge."""
    glints: float
    """Share of what is behind the visitor that is a small highlight (R39)."""
    said: tuple[Reason, ...]
    """What the unit would tell whoever sits there, worst first; empty where all is well or nobody is there."""


def look_at(frame: Frame, at: datetime, engine: Engine) -> Look:
    """Measure a frame; raises `ModelError` when a network fails."""
    luma = shrink(frame.bgr, SIDE_PX).pixels.astype(np.float64) @ (0.114, 0.587, 0.299)
    light = (luma / 255) ** TONE
    behind = _behind(luma.shape[0], luma.shape[1])
    blinds = luma >= BLINDING
    third = luma.shape[1] // 3
    left, right = float(light[:, :third].mean()), float(light[:, -third:].mean())
    seen = engine.pipeline().observe(frame, GRADED_ONLY)
    flaws = seen.sample.flaws if seen.sample else ()
    return Look(
        at=at,
        level=float(np.median(luma)),
        blinding=float(blinds[behind].mean()),
        side=(left - right) / max(1e-6, left + right),
        busy=float((_steepness(luma)[behind] >= EDGE).mean()),
        glints=float((blinds & (_mean_around(blinds) < SMALL))[behind].mean()),
        said=tuple(flaw.reason for flaw in flaws if flaw.reason.category is Category.GUIDANCE),
    )


def _behind(height: int, width: int) -> NDArray[np.bool_]:
    """What is behind the visitor: around the seat, above the table."""
    y, x = np.mgrid[:height, :width]
    across, down = (x / width - 0.5) / SEAT[0], (y / height - 0.5) / SEAT[1]
    return np.asarray((across**2 + down**2 > 1) & (y < LOWEST * height))


def _mean_around(there: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The share of the square around each pixel; the border is continued."""
    wide = np.pad(there, AROUND_PX // 2, mode="edge")
    squares = np.lib.stride_tricks.sliding_window_view(wide, (AROUND_PX, AROUND_PX))
    return np.asarray(squares.mean(axis=(2, 3)))


def _steepness(luma: NDArray[np.float64]) -> NDArray[np.float64]:
    down, across = np.gradient(luma)
    return np.asarray(np.hypot(down, across))
