"""From where a face is lit: from one side, or from behind, read off a single picture (R13).

Light that falls on it from the unit's side is what a face needs. What is measured is luma as the camera writes it.
"""

from __future__ import annotations

import numpy as np

from edge.flow import Box
from edge.imaging import Pixels, crop_resized, surroundings
from firmware.frame import Emitter, Light

AROUND = 1.9
"""Side of what is looked at behind a head, over that of the face box."""
BESIDE, ABOVE, BELOW = 0.06, 0.08, 0.15
"""A head is wider and higher than its box by such shares of it; what is below this part of the box is neck and clothes."""
CORE = slice(34, 95), slice(17, 95)
"""Of a face of 112 px, rows from the brows to the chin, and columns without what is behind the cheeks."""


def one_sided(light: Light) -> bool:
    """Whether the unit itself lights the face from one side just now, and nothing can be told."""
    return len(light.emitters & {Emitter.LEFT, Emitter.RIGHT}) == 1


def face_luma(skin: Pixels) -> float:
    """Mean luma, 0 to 255, of the core of a face of (112, 112)."""
    return float(skin[CORE].mean())


def side_ratio(skin: Pixels) -> float:
    """Mean luma of the brighter half of a face of (112, 112) over that of the darker one: 1 in even light, 2 with a dark side.

    It names what ISO/IEC 29794-5 calls illumination uniformity; the formula is our own.
    """
    core = skin[CORE]
    halves = core[:, : core.shape[1] // 2].mean(), core[:, core.shape[1] // 2 :].mean()
    return float(max(halves) / max(1.0, min(halves)))


def behind_ratio(luma: Pixels, box: Box, face: float) -> float:
    """Mean luma of what is behind a head over that of the face; 0 where the head fills the picture."""
    height, width = luma.shape[:2]
    around = surroundings(box, AROUND, height, width)
    size = 112
    seen = crop_resized(luma, around, size)
    x, y = (box.left_px - around.left_px) / around.width_px, (box.top_px - around.top_px) / around.height_px
    wide, tall = box.width_px / around.width_px, box.height_px / around.height_px
    behind = np.ones((size, size), dtype=bool)
    behind[_at(size, y - ABOVE * tall) :, _at(size, x - BESIDE * wide) : _at(size, x + (1 + BESIDE) * wide)] = False
    behind[_at(size, y + (1 - BELOW) * tall) :] = False
    return float(seen[behind].mean() / max(1.0, face)) if behind.any() else 0.0


def _at(size: int, share: float) -> int:
    return min(size, max(0, round(size * share)))
