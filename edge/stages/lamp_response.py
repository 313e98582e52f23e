"""What each lamp adds to the light of a face: all frames of a stretch of code at once, by least squares.

The light of a cell is what the place gives, plus a slow drift, plus what each lit lamp adds. So every frame counts for every
lamp, and the light of the place drops out, steady or not. How much of the change of light the right code explains, and how much
any wrong code would, says whether the face answers this visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.stages.face_grid import COLUMNS, ROWS, FaceLight, Grid

POOLED = 4
"""So many cells across and down count as one where the code is looked for: it is coarse, and free of what registration leaves."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One frame of a stretch of code."""

    captured_ns: int
    word: str
    """The lamps that were lit, those of the code alone."""
    light: FaceLight


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What was found out about a face under single lamps."""

    place: Grid
    """(ROWS, COLUMNS) light without any lamp."""
    lamps: Mapping[str, Grid]
    """(ROWS, COLUMNS) light that each lamp adds at full; may be negative by noise."""
    errors: Mapping[str, Grid]
    """Standard errors of these."""
    clipped: Grid
    """Share of the frames in which a cell was too bright to tell, 0 to 1."""


def respond(looks: Sequence[Look], lamps: str) -> Response:
    """Take the light of these frames apart, at least three more than lamps; each lamp is on in some and off in others."""
    design = np.hstack([slow_drift(looks), lit(looks_words(looks), lamps)])
    cells = np.stack([look.light.cells for look in looks]).reshape(len(looks), -1).astype(np.float64)
    parts, *_ = np.linalg.lstsq(design, cells, rcond=None)
    left = cells - design @ parts
    spread = np.sqrt((left**2).sum(axis=0) / max(1, len(looks) - design.shape[1]))
    scale = np.sqrt(np.diag(np.linalg.pinv(design.T @ design)))
    return Response(
        _grid(parts[0]),
        {lamp: _grid(parts[2 + at]) for at, lamp in enumerate(lamps)},
        {lamp: _grid(spread * scale[2 + at]) for at, lamp in enumerate(lamps)},
        np.mean([look.light.clipped for look in looks], axis=0, dtype=np.float32),
    )


def explained(changes: NDArray[np.float64], slow: NDArray[np.float64], words: Sequence[str], lamps: str) -> float:
    """Share of the change of light, beyond slow drift, that these words explain, 0 to 1; 0 where nothing changes."""
    still = changes - slow @ np.linalg.lstsq(slow, changes, rcond=None)[0]
    design = lit(words, lamps)
    design = design - slow @ np.linalg.lstsq(slow, design, rcond=None)[0]
    whole = float((still**2).sum())
    if not whole > 0:
        return 0.0
    rest = still - design @ np.linalg.lstsq(design, still, rcond=None)[0]
    return 1.0 - float((rest**2).sum()) / whole


def pooled(looks: Sequence[Look]) -> NDArray[np.float64]:
    """(frames, pools) coarse light of the face."""
    rows, columns = ROWS - ROWS % POOLED, COLUMNS - COLUMNS % POOLED
    cells = np.stack([look.light.cells[:rows, :columns] for look in looks]).astype(np.float64)
    blocks = cells.reshape(len(looks), rows // POOLED, POOLED, columns // POOLED, POOLED)
    return np.asarray(blocks.mean(axis=(2, 4)).reshape(len(looks), -1))


def slow_drift(looks: Sequence[Look]) -> NDArray[np.float64]:
    """(frames, 2) a constant and the time, from -1 to 1."""
    times = np.array([look.captured_ns for look in looks], dtype=np.float64)
    times -= times.mean()
    return np.stack([np.ones(len(looks)), times / max(1.0, float(np.abs(times).max()))], axis=1)


def lit(words: Sequence[str], lamps: str) -> NDArray[np.float64]:
    """(frames, lamps) 1 where a lamp is lit."""
    return np.array([[float(lamp in word) for lamp in lamps] for word in words])


def looks_words(looks: Sequence[Look]) -> list[str]:
    """The word of each frame."""
    return [look.word for look in looks]


def _grid(values: NDArray[np.float64]) -> Grid:
    return values.reshape(ROWS, COLUMNS).astype(np.float32)
