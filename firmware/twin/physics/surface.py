"""What stands before the camera, as grids over its own frontal plane, centimetres and linear reflectances."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from firmware.twin.physics.head import EYE_X, MOUTH_Y
from firmware.twin.physics.optics import Gloss, Grid
from firmware.twin.physics.raster import look_up_mirrored

CELL = 0.08
"""Side of a grid cell, centimetres: a tenth of a pixel's breadth at arm's length on a small sensor would be finer than needed."""
LEFT, TOP, RIGHT, BOTTOM = -16.0, -15.0, 16.0, 18.0
"""What the grids cover of a face and its surroundings."""
TONE = 2.2
"""Exponent of the tone curve of photos and of our camera (near sRGB, IEC 61966-2-1)."""


class Moves(StrEnum):
    """What of the face on a surface can move."""

    NOTHING = "nothing"
    FACE = "face"
    """Eyes and mouth of a living face."""
    EYES_BEHIND = "eyes_behind"
    """Eyes behind holes."""
    FILM = "film"
    """Whatever was filmed: eyes, mouth, and the head that turns in the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A picture of a face and where its five points lie."""

    bgr: NDArray[np.uint8]
    """(height, width, 3)."""
    points: NDArray[np.float32]
    """(5, 2) pixels: eye at image left, eye at image right, nose, mouth corner at image left, at image right."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A thing with a face on it. All grids have the shape of `height`."""

    height: Grid
    """Towards the camera, centimetres."""
    reflectance: Grid
    """(h, w, 4) diffuse reflectance for blue, green, red and the near-infrared of the lamps, 0 to 1."""
    coverage: Grid
    """1 where the thing is, 0 where one sees past it."""
    gloss: Gloss
    glow: Grid | None = None
    """(h, w, 3) light that it sends out by itself; None for none."""
    scale: float = 1.0
    """Size of the face on it over that of a living face."""
    moves: Moves = Moves.NOTHING


def plane() -> tuple[Grid, Grid]:
    """x and y of every cell, (h, w) float32, centimetres."""
    across, down = np.arange(LEFT, RIGHT, CELL, dtype=np.float32), np.arange(TOP, BOTTOM, CELL, dtype=np.float32)
    x, y = np.meshgrid(across, down)
    return x, y


def texture_of(photo: Photo) -> Grid:
    """The photo laid over the plane, eyes and mouth in their places, linear, (h, w, 3); its border is continued by reflection."""
    x, y = plane()
    eyes = (photo.points[0] + photo.points[1]) / 2
    mouth = (photo.points[3] + photo.points[4]) / 2
    along = (photo.points[1] - photo.points[0]) / (2 * EYE_X)
    length = float(np.hypot(*(mouth - eyes))) / MOUTH_Y
    across = np.array([-along[1], along[0]]) / max(1e-6, float(np.hypot(*along))) * length
    at_x = eyes[0] + x * along[0] + y * across[0]
    at_y = eyes[1] + x * along[1] + y * across[1]
    picture = look_up_mirrored(photo.bgr, at_x.astype(np.float32), at_y.astype(np.float32))
    return np.clip((picture / 255) ** TONE, 0.004, 1).astype(np.float32)


def reflectance_of(visible: Grid, infrared: Grid) -> Grid:
    """Four channels of three and one."""
    return np.dstack([visible, infrared]).astype(np.float32)


def brightness_of(visible: Grid) -> Grid:
    """Luminance of linear BGR (ITU-R BT.709 weights), (h, w)."""
    return np.asarray(visible @ np.array([0.0722, 0.7152, 0.2126], dtype=np.float32), dtype=np.float32)
