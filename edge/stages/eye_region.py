"""Whether the eyes can be seen: not behind dark glasses, nor behind a reflection (R16)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.imaging import Matrix, Pixels, warp

SIDE_PX = 96
EYES_AT = (0.3, 0.35), (0.7, 0.35)
"""Where the eyes lie in the crop, shares of its side."""
HALF_EYE = 9, 6
"""Half the width and height of an eye with its lids in the crop, pixels; lenses of glasses are larger."""
CHEEK = 16, 28
"""How far below the eyes the cheek begins and ends, pixels of the crop."""
SMOOTH = 0.12
"""Standard deviation of an eye's luma over the cheek's median, from which on there are lids, an iris and a white to see."""
TINTED = 0.8
"""What is nearly as bright as the cheek is no dark glass, however smooth: closed lids, or a face without detail."""
BLINDED = 235
"""Luma from which on a reflection hides what is behind it."""
ABOVE_SKIN = 1.25
"""A reflection is so much brighter than the cheek: skin itself may be bright."""


@dataclass(frozen=True, slots=True)
class EyeRegion:
    """What is seen where the eyes are."""

    visible: float
    """How bright the eye is against the cheek, less where it is as smooth as glass, of the better eye: about 0.9, behind dark
    glasses below 0.4."""
    hidden: float
    """Share of the eye that a reflection hides, of the eye that is worse off."""


def eye_region(luma: Pixels, points: NDArray[np.float32]) -> EyeRegion:
    """Look at the eyes of a face with these five points, (5, 2) pixels of the (height, width) luma plane."""
    crop = warp(luma, _levelled(points), SIDE_PX)
    seen = [_eye(crop, round(x * SIDE_PX), round(y * SIDE_PX)) for x, y in EYES_AT]
    return EyeRegion(max(visible for visible, _ in seen), max(hidden for _, hidden in seen))


def _eye(crop: Pixels, x: int, y: int) -> tuple[float, float]:
    wide, tall = HALF_EYE
    eye = np.sort(crop[y - tall : y + tall + 1, x - wide : x + wide + 1], axis=None)
    skin = np.sort(crop[y + CHEEK[0] : y + CHEEK[1], x - wide : x + wide + 1], axis=None)
    cheek = float(skin[skin.size // 2])
    bright = float(eye[3 * eye.size // 4]) / max(1.0, cheek)
    smooth = min(1.0, float(eye.std()) / max(1.0, cheek) / SMOOTH) if bright < TINTED else 1.0
    hidden = eye.size - np.searchsorted(eye, max(BLINDED, ABOVE_SKIN * cheek))
    return bright * smooth, float(hidden) / eye.size


def _levelled(points: NDArray[np.float32]) -> Matrix:
    """The map from the frame to a crop in which the eyes are level and have their places."""
    along = (points[1] - points[0]).astype(np.float64)
    length = max(1e-6, float(np.hypot(*along)))
    cos, sin = along / length
    scale = SIDE_PX * (EYES_AT[1][0] - EYES_AT[0][0]) / length
    linear = scale * np.array([[cos, sin], [-sin, cos]])
    return np.hstack([linear, (SIDE_PX * np.array(EYES_AT[0]) - linear @ points[0])[:, None]])
