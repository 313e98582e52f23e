"""Which point of a surface each pixel sees, by perspective through a pinhole.

The surface is a height over its own plane; each line of sight is followed down to where it first meets it (relief mapping:
Policarpo, Oliveira and Comba, I3D 2005). What a nose or the edge of a turned head hides is hidden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from firmware.twin.physics.motion import Pose, turn
from firmware.twin.physics.optics import Grid, Vectors, turned, unit
from firmware.twin.physics.raster import look_up, planes
from firmware.twin.physics.surface import CELL, LEFT, TOP, Surface

STEP, MOST_STEPS, SECANTS = 0.8, 12, 2
"""A line of sight is followed in steps of so many centimetres along the surface, then by the rule of the secant."""


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
    rotation = turn(pose)
    ray = _rays(lens, surface, rotation, pose, column, row)
    height = _where_it_ends(surface.height, ray)
    x, y = ray.at(height)
    own = planes(sampled(normals, x, y))
    point = _placed(surface, rotation, pose, (x, y, height))
    return Sight(x, y, point, unit(turned(rotation, (own[0], own[1], own[2]))))


@dataclass(frozen=True, slots=True, eq=False)
class _Rays:
    """Where the line of sight of each pixel passes a height over the plane of the surface, centimetres of the surface."""

    x: Grid
    """At height 0."""
    y: Grid
    across: Grid
    """How far x goes on while the height rises by one."""
    along: Grid

    def at(self, height: Grid | np.float32) -> tuple[Grid, Grid]:
        return self.x + self.across * height, self.y + self.along * height


def _rays(lens: Lens, surface: Surface, rotation: Grid, pose: Pose, column: Grid, row: Grid) -> _Rays:
    focal_px = np.float32(lens.focal_px)
    right = (column - np.float32(lens.width_px / 2)) / focal_px
    down = (row - np.float32(lens.height_px / 2 + lens.down_px)) / focal_px
    back = np.asarray(rotation.T, dtype=np.float32)
    way = turned(back, (right, down, np.full_like(right, -1)))
    eye = back @ np.array([-pose.x_cm, -pose.y_cm, pose.away_cm], dtype=np.float32) / np.float32(surface.scale)
    across, along = way[0] / way[2], way[1] / way[2]
    return _Rays(eye[0] - across * eye[2], eye[1] - along * eye[2], across, along)


def _where_it_ends(heights: Grid, ray: _Rays) -> Grid:
    """The height at which each line of sight, on its way down, first meets the surface: by even steps, then by the secant."""
    top, bottom = np.float32(heights.max()), np.float32(heights.min())
    slant = max(float(np.abs(ray.across).max()), float(np.abs(ray.along).max()))
    steps = int(np.clip(math.ceil(float(top - bottom) * slant / STEP), 1, MOST_STEPS))
    above = np.full_like(ray.x, top)
    clear = above - sampled(heights, *ray.at(above))
    below, under = above, clear
    for height in np.linspace(top, bottom, steps + 1, dtype=np.float32)[1:]:
        going = under > 0
        level = np.where(going, height, below)
        above, clear = np.where(going, below, above), np.where(going, under, clear)
        below = level
        under = np.where(going, level - sampled(heights, *ray.at(level)), under)
    for _ in range(SECANTS):
        between = above - (above - below) * clear / np.maximum(clear - under, np.float32(1e-6))
        off = between - sampled(heights, *ray.at(between))
        over = off > 0
        above, clear = np.where(over, between, above), np.where(over, off, clear)
        below, under = np.where(over, below, between), np.where(over, under, off)
    return np.asarray(above - (above - below) * clear / np.maximum(clear - under, np.float32(1e-6)), dtype=np.float32)


def normals_of(surface: Surface) -> Grid:
    """(h, w, 3) unit normals of a surface in its own axes."""
    down, across = np.gradient(surface.height, CELL)
    normals = np.dstack([-across, -down, np.ones_like(surface.height)])
    return np.asarray(normals / np.linalg.norm(normals, axis=2, keepdims=True), dtype=np.float32)


def sampled(grid: Grid, x: Grid, y: Grid) -> Grid:
    """A grid of the surface at these points."""
    at_x, at_y = (x - np.float32(LEFT)) / np.float32(CELL), (y - np.float32(TOP)) / np.float32(CELL)
    return look_up(grid, at_x, at_y)


def _placed(surface: Surface, rotation: Grid, pose: Pose, point: Vectors) -> Vectors:
    """Points of the surface as the camera sees them."""
    right, down, towards = turned(rotation * np.float32(surface.scale), point)
    return right + np.float32(pose.x_cm), down + np.float32(pose.y_cm), towards - np.float32(pose.away_cm)
