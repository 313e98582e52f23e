"""Pictures of noise: what a camera sees of nobody."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def picture(path: Path, seed: int = 0) -> Path:
    """A picture of noise, as large as the fake networks expect."""
    cv2.imwrite(str(path), np.random.default_rng(seed).integers(60, 200, (240, 320, 3), dtype=np.uint8))
    return path
