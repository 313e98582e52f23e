"""How like two pictures of the page are, made small. It needs no tools of the tests: a machine without them asks, too."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

SMALL_PX = 240
"""The longer side of a picture on a sheet."""
MOST_DIFFERENT = 0.004
"""Of the pixels of a small picture: a digit and the edges of letters may differ, an icon or a line of text may not."""
_CLEARLY = 56
"""Of 255, in any colour."""


def small(content: bytes) -> Image.Image:
    """A screenshot, made small."""
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    picture.thumbnail((SMALL_PX, SMALL_PX), Image.Resampling.BOX)
    return picture


def different(old: Image.Image, picture: Image.Image, place: tuple[int, int] = (0, 0)) -> float:
    """The share of a picture's pixels that clearly differ from those of the old sheet at its place."""
    box = (*place, place[0] + picture.width, place[1] + picture.height)
    before, after = (np.asarray(each, dtype=np.int16) for each in (old.crop(box), picture))
    return float((np.abs(before - after).max(axis=2) > _CLEARLY).mean())
