"""The shape of a head as a height over its frontal plane: an ellipsoid with nose, eye sockets, brows, cheeks, lips and chin.

It is made of lengths alone and knows no landmark network, so that a detector cannot be fitted to its own idea of a face. Origin
in the middle between the pupils, x to the right of the picture, y down, height towards the camera; centimetres throughout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware.twin.physics.optics import Grid

EYE_X = 3.15
"""Half the distance of the pupils: 63 mm is the mean of adults (Dodgson, Proc. SPIE 5291, 2004)."""
MOUTH_Y = 6.4
"""From the pupils down to the line of the lips."""
BEHIND = -6.0
"""Where the head ends and hair, neck and shoulders go on."""


@dataclass(frozen=True, slots=True)
class HeadShape:
    """The lengths that differ from one person to the next; the defaults are those of an average adult (Farkas 1994)."""

    half_width: float = 7.4
    half_height: float = 11.8
    half_depth: float = 9.2
    nose: float = 2.1
    """How far the tip stands out."""
    nose_width: float = 1.3
    """Half the width at the wings."""
    bridge: float = 0.55
    """Half the width between the eyes."""
    nose_length: float = 4.3
    """From the line of the pupils to the tip."""
    relief: float = 1.0
    """Depth of everything else: 1 as the average, 0 a smooth egg."""


def height_of(shape: HeadShape, x: Grid, y: Grid) -> Grid:
    """Height of the head at each point, (h, w) float32, centimetres; `BEHIND` beside the head."""
    inside = 1 - (x / shape.half_width) ** 2 - ((y - 1.2) / shape.half_height) ** 2
    skull = shape.half_depth * (np.sqrt(np.clip(inside, 0, None)) - 1)
    face = skull + _nose(shape, x, y) + shape.relief * _details(x, y)
    return np.asarray(np.maximum(face, np.float32(BEHIND)), np.float32)


def _nose(shape: HeadShape, x: Grid, y: Grid) -> Grid:
    tip = shape.nose_length
    rise = np.clip((y + 0.3) / (tip + 0.3), 0, 1) ** 1.2
    fall = np.clip(1 - (y - tip) / 1.0, 0, 1)
    width = shape.bridge + (shape.nose_width - shape.bridge) * np.clip(y / tip, 0, 1.1)
    return np.asarray(shape.nose * rise * np.where(y <= tip, 1, fall) * np.exp(-((np.abs(x) / width) ** 2.2)), np.float32)


def _details(x: Grid, y: Grid) -> Grid:
    side = np.abs(x)
    sockets = -0.9 * _bump(side - 3.0, y, 1.6, 0.95) + 0.6 * _bump(side - EYE_X, y, 1.05, 0.75)
    brows = 0.35 * np.exp(-(((y + 1.75) / 0.6) ** 2) - (side / 5) ** 4)
    cheeks = 0.5 * _bump(side - 4.6, y - 3.0, 1.7, 1.5)
    lips = 0.5 * _bump(x, y - MOUTH_Y, 2.2, 0.8) - 0.3 * _bump(x, y - MOUTH_Y - 1.6, 2.0, 0.5)
    chin = 0.7 * _bump(x, y - 9.3, 1.8, 1.2)
    return np.asarray(sockets + brows + cheeks + lips + chin, np.float32)


def _bump(x: Grid, y: Grid, across: float, down: float) -> Grid:
    return np.asarray(np.exp(-((x / across) ** 2) - (y / down) ** 2), np.float32)
