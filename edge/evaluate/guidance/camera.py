"""What a camera does to a frame."""

from __future__ import annotations

import numpy as np

from edge.evaluate.guidance.paint import blurred, defocused, mixed, shaken, shape, soft
from edge.evaluate.guidance.spoiling import Spoiling
from edge.imaging import Pixels


def shake(it: Spoiling) -> Pixels:
    """The head or the unit moves during the exposure."""
    frame = it.frame
    return shaken(frame.bgr, it.of(0.4, 0.6, 0.9) * frame.eyes_px, it.dice.uniform(0, 180))


def defocus(it: Spoiling) -> Pixels:
    """The lens is set to another distance."""
    frame = it.frame
    return defocused(frame.bgr, it.of(0.09, 0.14, 0.22) * frame.eyes_px)


def smudged(bgr: Pixels, x_share: float, y_share: float, step: int) -> Pixels:
    """A finger mark on the lens, with its middle here: thin, plain, thick. What is behind it is soft and a little milky."""
    height, width = bgr.shape[:2]
    sigma, milk, radius = ((0.006, 0.08, 0.13), (0.01, 0.15, 0.15), (0.02, 0.3, 0.18))[step - 1]
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    around = width * radius * np.stack([np.cos(turns), 0.8 * np.sin(turns)], axis=1)
    outline = around + np.array([x_share * width, y_share * height])
    mark = soft(shape(height, width, outline.astype(np.float32), 0.3), 0.012 * width)
    behind = (blurred if sigma * width > 12 else defocused)(bgr, sigma * width)
    return mixed(bgr, (1 - milk) * behind + milk * 190, mark)
