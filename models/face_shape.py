"""The mean face as points in space: numbers that came with the landmark network (card `face_constants`), read and checked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.card import ModelCard
from models.errors import NumbersUnreadableError

VERTICES = 468


def read_mean_face(card: ModelCard, path: Path) -> NDArray[np.float64]:
    """(468, 3) centimetres: right of the picture, down, towards the camera. Raises `NumbersUnreadableError`."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["canonical_face_xyz_468"]
        points = np.array(listed, dtype=np.float64)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NumbersUnreadableError(card, f"it holds no list of {VERTICES} points") from error
    if points.shape != (VERTICES, 3) or not np.isfinite(points).all():
        raise NumbersUnreadableError(card, f"its points are of shape {points.shape}, not ({VERTICES}, 3), or not numbers")
    # The file's y goes up.
    return np.asarray(points * np.array([1.0, -1.0, 1.0]))
