"""Where the parts of a seated face are, and what its skin and its light look like."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.guidance.paint import TONE, Cover, blurred, shape
from edge.evaluate.guidance.seat import Points, Seated
from edge.stages.landmarks import LEFT_EYE, RIGHT_EYE

Point = NDArray[np.floating[Any]]
"""(2,) pixels of the frame."""

# Of the dense landmarks: the outline of the face from the forehead, clockwise (MediaPipe, FACEMESH_FACE_OVAL).
OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150, 136, 172),
    *(58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
NOSE_TIP, CHIN, FOREHEAD, UPPER_LIP = 1, 152, 10, 13
CHEEK_RIGHT, CHEEK_LEFT = 234, 454
"""Where the face ends, before the ears."""
_BROWS = (105, 334)
_SKIN = (50, 280, 101, 330)
"""On the cheeks."""


def eyes_of(frame: Seated) -> tuple[Point, Point]:
    """The middles of both eyes."""
    return frame.mesh[list(RIGHT_EYE)].mean(axis=0), frame.mesh[list(LEFT_EYE)].mean(axis=0)


def brows_of(frame: Seated) -> Point:
    """Between the brows, at their height."""
    return np.asarray(frame.mesh[list(_BROWS)].mean(axis=0))


def axes_of(frame: Seated) -> tuple[Point, Point]:
    """Unit vectors along the eyes, to the right of the picture, and down the face."""
    right, left = eyes_of(frame)
    along = (left - right) / max(1e-6, float(np.hypot(*(left - right))))
    return along, np.array([-along[1], along[0]])


def half_width_px(frame: Seated) -> float:
    """Of the face, from cheek to cheek."""
    return float(np.hypot(*(frame.mesh[CHEEK_LEFT] - frame.mesh[CHEEK_RIGHT]))) / 2


def area(frame: Seated, outline: Point, edge_px: float) -> Cover:
    """What lies inside an outline, (n, 2), of the frame."""
    return shape(frame.bgr.shape[0], frame.bgr.shape[1], outline.astype(np.float32), edge_px)


def oval_of(frame: Seated, grown: float = 1.0) -> Cover:
    """The face, so much larger."""
    outline = frame.mesh[list(OVAL)]
    middle = outline.mean(axis=0)
    return area(frame, middle + grown * (outline - middle), 0.05 * frame.eyes_px)


def ellipse(frame: Seated, middle: Point, wide: float, tall: float) -> Cover:
    """Level with the eyes."""
    along, down = axes_of(frame)
    turns = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    outline = middle + np.outer(wide * np.cos(turns), along) + np.outer(tall * np.sin(turns), down)
    return area(frame, outline, 0.012 * frame.eyes_px)


def face_luma(frame: Seated) -> float:
    """Mean over the face, 0 to 255."""
    cover = oval_of(frame, 0.9)
    return float((frame.bgr.mean(axis=2) * cover).sum() / cover.sum())


def toned(frame: Seated, luma: float) -> float:
    """How much light takes the face to this mean."""
    return float((luma / max(1.0, face_luma(frame))) ** TONE)


def light_on(frame: Seated) -> Cover:
    """(height, width) how much brighter than the mean of the face it is here, without the features of the face."""
    tone = blurred(frame.bgr, 0.5 * frame.eyes_px).mean(axis=2) / max(1.0, face_luma(frame))
    return np.asarray(np.clip(tone, 0.6, 1.25), np.float32)


def skin_of(frame: Seated) -> NDArray[np.float64]:
    """(3,) BGR of the cheeks."""
    found = [_colour_at(frame, point, 0.06 * frame.eyes_px) for point in frame.mesh[list(_SKIN)]]
    return np.asarray(np.median(found, axis=0))


def hair_of(frame: Seated) -> NDArray[np.float64]:
    """(3,) BGR of the hair above the forehead; something dark where there is none."""
    _, down = axes_of(frame)
    found = _colour_at(frame, frame.mesh[FOREHEAD] - 0.25 * frame.eyes_px * down, 0.1 * frame.eyes_px)
    skin = skin_of(frame)
    return found if found.mean() < 0.6 * skin.mean() else 0.35 * skin


def within(frame: Seated, outline: Points) -> tuple[slice, slice]:
    """Rows and columns of the frame about these points, (n, 2)."""
    height, width = frame.bgr.shape[:2]
    (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
    return slice(max(0, int(top)), min(height, int(bottom) + 1)), slice(max(0, int(left)), min(width, int(right) + 1))


def _colour_at(frame: Seated, point: Point, reach_px: float) -> NDArray[np.float64]:
    """(3,) BGR, the median about a point; of the nearest pixel that is in the frame."""
    height, width = frame.bgr.shape[:2]
    x, y = (round(float(np.clip(at, 0, most - 1))) for at, most in zip(point, (width, height), strict=True))
    reach = max(1, round(reach_px))
    about = frame.bgr[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
    return np.asarray(np.median(about.reshape(-1, 3), axis=0))
