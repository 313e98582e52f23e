"""Whether the light of single lamps shows the relief of a face, and not that of a sheet, a cylinder or a screen.

Two things are read off each region of the face, both free of what the place adds:
- how much brighter it is under the left lamp than its mirror region, over both lamps: the reflectance of the skin drops out,
  and what is left is which way the surface leans. A plane leans nowhere more than elsewhere, a cylinder leans alike in every
  row, a nose does not.
- how its light under all lamps falls off against that of the whole face, on the mean of both sides: a head turns away at
  temples, jaw and brow; a screen hardly answers but where it mirrors a lamp.

A third one is read off the whole face: how far the brightest spot under each lamp stands out, for varnish and foil mirror a lamp
where skin has a sheen. All of it is weighed four times, by a linear discriminant against sheets and one each against foils,
cylinders and screens, and the least counts: a face must be told from each. The weights were found on simulated scenes
(`models/relief.toml` says which): they know shapes, no simulator.

A sum can be bribed: the images of two lamps in varnish, one on each side of the middle, look like the steepest of noses. So what
leans there more than any nose is no face, whatever the sum says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.flow import LivenessScore
from edge.stages.face_grid import COLUMNS, ROWS, Grid
from edge.stages.lamp_response import Response
from models.relief import REGION_COLUMNS, REGION_ROWS, ReliefWeights, Shape, ShapeWeights

REGION_CELLS_ACROSS, REGION_CELLS_DOWN = 2, 3
LEAST_LIGHT = 0.08
"""A cell that sends less than this share of the light of a bright cell tells nothing about its slope."""
CLIPPED_SHARE = 0.2
"""A cell that was too bright in more than this share of the frames is not read."""
FLOOR = 0.03
"""Of the size of slopes by which they are divided: a fifth of what a head has under lamps ten centimetres apart, for small slopes
are noise that must not be blown up."""
STEEPEST_FALL = 2.0
"""Fall-off is counted to this, as a logarithm, and so is shine."""
NOSE_COLUMNS = 2
"""So many columns next to the middle a nose reaches into."""
STEEPEST_NOSE = 1.8
"""A nose leans at most so many times as much as the face around it: its sides stand at 60 to 70 degrees, cheeks and temples at 30
to 50. What leans more is the image of a lamp."""
FAINT = 0.05
"""Added to what the face around the nose leans, for a face that hardly leans has nothing to compare with."""
FEATURES = 2 * REGION_ROWS * REGION_COLUMNS + 1

Regions = NDArray[np.float64]
"""(REGION_ROWS, REGION_COLUMNS) rows from the hairline to the chin, columns from the middle to the side."""


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """What was read off a face."""

    slope: Regions
    """How much the region leans towards its own side, -1 to 1; positive for what bulges, 0 where nothing could be read."""
    fall: Regions
    """Logarithm of the light of the region under both lamps over that of the whole face."""
    shine: float
    """Logarithm of the brightest spot under a lamp over a bright cell, 0 to `STEEPEST_FALL`, mean of the lamps."""
    noise: float
    """Standard error of a typical cell's slope."""
    clipped: float
    """Share of the face that was too bright to tell."""


def relief_of(response: Response) -> Relief:
    """Read the relief off the light of lamps L and R."""
    left, right = response.lamps["L"], response.lamps["R"]
    both = left + right
    bright = max(1e-6, float(np.percentile(_inner(both), 75)))
    read = (both > LEAST_LIGHT * bright) & (response.clipped < CLIPPED_SHARE)
    lean = np.where(read, np.clip((left - right) / np.maximum(both, 1e-6), -1, 1), np.nan)
    fall = np.log(np.maximum(both, 1e-3 * bright) / bright)
    spread = np.hypot(response.errors["L"], response.errors["R"]) / bright
    falls = _regions((_mirrored_half(fall) + _own_half(fall)) / 2)
    return Relief(
        np.nan_to_num(_regions((_mirrored_half(lean) - _own_half(lean)) / 2)),
        np.clip(falls - falls.mean(), -STEEPEST_FALL, STEEPEST_FALL),
        (_shine(left) + _shine(right)) / 2,
        float(np.median(_inner(spread))),
        float((_inner(response.clipped) >= CLIPPED_SHARE).mean()),
    )


def features_of(relief: Relief) -> NDArray[np.float64]:
    """(FEATURES,) slopes over their own size, so that the place of the lamps counts less; falls; shine."""
    size = float(np.sqrt((relief.slope**2).mean()))
    return np.concatenate([(relief.slope / (size + FLOOR)).ravel(), relief.fall.ravel(), [relief.shine]])


def leans_as_a_mirror(relief: Relief) -> bool:
    """Whether the middle of the face leans more than a nose can, by more than noise would have it."""
    nose, around = relief.slope[:, :NOSE_COLUMNS], relief.slope[:, NOSE_COLUMNS:]
    steepest = float(np.abs(nose).max()) - relief.noise
    read = around[around != 0.0]
    return steepest > STEEPEST_NOSE * ((float(np.sqrt((read**2).mean())) if read.size else 0.0) + FAINT)


class Discriminants:
    """A linear one against each other shape."""

    def __init__(self, against: Mapping[Shape, ShapeWeights]) -> None:
        each = [against[shape] for shape in Shape]
        self._weights = np.stack([np.concatenate([np.ravel(one.slope), np.ravel(one.fall), [one.shine]]) for one in each])
        self._bias = np.array([one.bias for one in each])

    def log_odds(self, features: NDArray[np.float64]) -> float:
        """What (FEATURES,) say for a face, against the shape that they are most like."""
        return float((self._weights @ features + self._bias).min())


class ReliefModel:
    """Weighs regions."""

    def __init__(self, weights: ReliefWeights) -> None:
        self._discriminants = Discriminants(weights.against)

    def score(self, relief: Relief) -> LivenessScore:
        """0 to 1: how much the relief says for a face, against the shape that it is most like; 0 where it leans as a mirror.

        NaN where anything was no number.
        """
        if not math.isfinite(relief.noise):
            return LivenessScore(math.nan)
        if leans_as_a_mirror(relief):
            return LivenessScore(0.0)
        told = self._discriminants.log_odds(features_of(relief))
        return LivenessScore(float(1 / (1 + np.exp(-np.clip(told, -30, 30)))))


def _shine(lamp: Grid) -> float:
    middle = _inner(lamp)
    bright = max(1e-6, float(np.percentile(middle, 75)))
    return float(np.clip(np.log(max(bright, float(np.percentile(middle, 99))) / bright), 0.0, STEEPEST_FALL))


def _mirrored_half(grid: Grid) -> Grid:
    """The half at the left of the picture, from the middle outwards."""
    return grid[:, : COLUMNS // 2][:, ::-1]


def _own_half(grid: Grid) -> Grid:
    return grid[:, COLUMNS // 2 :]


def _regions(half: Grid) -> Regions:
    """Medians of the cells of each region that were read; NaN where none was."""
    rows, columns = REGION_ROWS * REGION_CELLS_DOWN, REGION_COLUMNS * REGION_CELLS_ACROSS
    tiles = half[:rows, :columns].reshape(REGION_ROWS, REGION_CELLS_DOWN, REGION_COLUMNS, REGION_CELLS_ACROSS)
    flat = tiles.transpose(0, 2, 1, 3).reshape(REGION_ROWS, REGION_COLUMNS, -1).astype(np.float64)
    seen = np.isfinite(flat).any(axis=2)
    medians = np.full(seen.shape, np.nan)
    medians[seen] = np.nanmedian(flat[seen], axis=1)
    return medians


def _inner(grid: Grid) -> Grid:
    """The face without what may be hair, neck or the room."""
    return grid[3 : ROWS - 4, 4 : COLUMNS - 4]
