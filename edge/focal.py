"""Measures the focal length of a unit's camera once, by one person who sits at a known distance (R20)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import quantiles

from edge.errors import FocalUnmeasuredError
from edge.stages.align import Aligner
from edge.stages.detect import Detector
from edge.stages.distance import focal_px, seen_eyes_px
from edge.stages.grade import head_pose
from firmware.frame import Frame

FEWEST, ENOUGH, PATIENCE = 10, 30, 300
"""Frames: so many good ones are needed, so many suffice, and after so many of any kind nobody waits longer."""
STRAIGHT_DEG = 12.0
"""A head that is turned or bowed no further looks straight."""
MOST_SPREAD = 0.05
"""Largest distance of the quartiles, over the median: whoever sways by more was not where the tape measure was."""


@dataclass(frozen=True, slots=True)
class FocalFound:
    """What one person at a known distance showed."""

    focal_widths: float
    """Focal length over the width of the picture, median."""
    spread: float
    """Distance of the quartiles over the median."""
    frames: int
    """Good ones."""

    @property
    def across_deg(self) -> float:
        """How much the picture sees across, degrees."""
        return math.degrees(2 * math.atan(0.5 / self.focal_widths))


def measure_focal(frames: Iterable[Frame], detector: Detector, aligner: Aligner, away_cm: float, eyes_cm: float) -> FocalFound:
    """Measure it by a face that is `away_cm` from the lens and whose pupils are `eyes_cm` apart.

    Raises `FocalUnmeasuredError` when too few frames show one face that looks straight, or when it does not keep still, and
    `ModelError` when a network fails.
    """
    found: list[float] = []
    seen = 0
    for seen, frame in enumerate(frames, start=1):
        focal = _focal_widths(frame, detector, aligner, away_cm, eyes_cm)
        if focal is not None:
            found.append(focal)
        if len(found) == ENOUGH or seen == PATIENCE:
            break
    if len(found) < FEWEST:
        raise FocalUnmeasuredError(
            f"one face that looks straight into the camera was seen in {len(found)} of {seen} frames, and {FEWEST} are needed: "
            "sit alone and upright before the unit"
        )
    low, middle, high = quantiles(found, method="inclusive")
    spread = (high - low) / middle
    if spread > MOST_SPREAD:
        raise FocalUnmeasuredError(
            f"the eyes came nearer or went away by {spread:.0%} while they were measured, and {MOST_SPREAD:.0%} is the most: "
            "lean the head against something"
        )
    return FocalFound(middle, spread, len(found))


def _focal_widths(frame: Frame, detector: Detector, aligner: Aligner, away_cm: float, eyes_cm: float) -> float | None:
    """None where the frame shows no face, several, or one that does not look straight."""
    faces = detector.find(frame.bgr)
    if len(faces) != 1:
        return None
    points = aligner.points(frame.bgr, faces[0])
    pose = head_pose(faces[0], points)
    if max(abs(pose.yaw_deg), abs(pose.pitch_deg)) > STRAIGHT_DEG:
        return None
    return focal_px(seen_eyes_px(faces[0], points), pose.yaw_deg, away_cm, eyes_cm) / frame.width_px
