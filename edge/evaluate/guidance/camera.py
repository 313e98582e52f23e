"""What a camera does to a frame."""

from __future__ import annotations

from edge.evaluate.guidance.paint import defocused, shaken
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
