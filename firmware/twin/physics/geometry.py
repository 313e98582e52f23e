"""Which point of a surface each pixel sees, by perspective through a pinhole.

The surface is a height over its own plane, so the point is found by steps: guess, project, correct. Heads turned by up to about
30 degrees and bent prints come out right; what hides behind a nose is drawn stretched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware.twin.physics.motion import Pose, turn
from firmware.twin.physics.optics import Grid, Vectors, turned, unit
from firmware.twin.physics.raster import look_up, planes
from firmware.twin.physics.surface import CELL, LEFT, TOP, Surface

STEPS = 4


@dataclass(frozen=True, slots=True)
class Lens:
    """A pinhole camera."""

    width_px: int = 480
    height_px: int = 360
    focal_px: float = 300.0
    """About 77 degrees across at 480 px."""
    down_px: float = -18.0
    """Where the optical axis meets the picture, below its middle: the unit looks a little down at the face."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What half as many pixels see in each direction, for shading is smooth; all grids are (h/2, w/2)."""

    x: Grid
    """On the surface, centimetres."""
    y: Grid
    point: Vectors
    """Where that is from the camera: right, down, and towards the camera (negative before it), centimetres."""
    normal: Vectors
    """Unit vectors in the same axes."""


def see(lens: Lens, surface: Surface, normals: Grid, pose: Pose) -> Sight:
    """Find what each pixel sees; `normals` are those of `normals_of`."""
    # The middle of each two by two pixels, as `cv2.resize` takes it.
    column, row = np.meshgrid(
        np.arange(0.5, lens.width_px, 2, dtype=np.float32), np.arange(0.5, lens.height_px, 2, dtype=np.float32)
    )
    middle_x, middle_y = lens.width_px / 2, lens.height_px / 2 + lens.down_px
    per_px = np.float32(pose.away_cm / lens.focal_px / surface.scale)
    rotation = turn(pose)
    # A plane that is turned looks narrower: begin where a plane would be seen, so that few steps are enough.
    inverse = _inverse(rotation)
    off_x = (column - np.float32(middle_x)) * per_px - np.float32(pose.x_cm / surface.scale)
    off_y = (row - np.float32(middle_y)) * per_px - np.float32(pose.y_cm / surface.scale)
    x, y = inverse[0, 0] * off_x + inverse[0, 1] * off_y, inverse[1, 0] * off_x + inverse[1, 1] * off_y
    for _ in range(STEPS):
        right, down, towards = _place(surface, rotation, pose, x, y)
        depth = np.float32(lens.focal_px) / -towards
        miss_x = (right * depth + np.float32(middle_x) - column) * per_px
        miss_y = (down * depth + np.float32(middle_y) - row) * per_px
        x = x - inverse[0, 0] * miss_x - inverse[0, 1] * miss_y
        y = y - inverse[1, 0] * miss_x - inverse[1, 1] * miss_y
    own = planes(sampled(normals, x, y))
    return Sight(x, y, _place(surface, rotation, pose, x, y), unit(turned(rotation, (own[0], own[1], own[2]))))


def normals_of(surface: Surface) -> Grid:
    """(h, w, 3) unit normals of a surface in its own axes."""
    down, across = np.gradient(surface.height, CELL)
    normals = np.dstack([-across, -down, np.ones_like(surface.height)])
    return np.asarray(normals / np.linalg.norm(normals, axis=2, keepdims=True), dtype=np.float32)


def sampled(grid: Grid, x: Grid, y: Grid) -> Grid:
    """A grid of the surface at these points."""
    at_x, at_y = (x - np.float32(LEFT)) / np.float32(CELL), (y - np.float32(TOP)) / np.float32(CELL)
    return look_up(grid, at_x, at_y)


def _inverse(rotation: Grid) -> Grid:
    """Of the upper left (2, 2) part, which a plane that is seen at all always has."""
    (a, b), (c, d) = rotation[:2, :2]
    return np.asarray(np.array([[d, -b], [-c, a]]) / (a * d - b * c), dtype=np.float32)


def _place(surface: Surface, rotation: Grid, pose: Pose, x: Grid, y: Grid) -> Vectors:
    scaled = rotation * np.float32(surface.scale)
    right, down, towards = turned(scaled, (x, y, sampled(surface.height, x, y)))
    return right + np.float32(pose.x_cm), down + np.float32(pose.y_cm), towards - np.float32(pose.away_cm)
