"""The gate of a detector: faces missed and added, and how boxes and points move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.evaluate.quantization.gate import Judged, judged
from edge.evaluate.quantization.material import Material, all_pictures
from edge.flow import Detection
from edge.stages.detect import Detector

SAME_FACE = 0.5
"""Boxes that overlap by so much, as intersection over union, are of one face."""


def judge_detector(true: Detector, found: Detector, materials: Sequence[Material]) -> Judged:
    """Judge the quantized detector: a decision is a face that one of the two sees."""
    decisions = missed = added = 0
    overlaps: list[float] = []
    shifts: list[float] = []
    for picture in all_pictures(materials):
        wanted, left = true.find_in_still(picture.bgr), list(found.find_in_still(picture.bgr))
        for face in wanted:
            twin = max(left, key=lambda each: face.box.overlap(each.box), default=None)
            overlap = 0.0 if twin is None else face.box.overlap(twin.box)
            if twin is None or overlap < SAME_FACE:
                missed += 1
                continue
            left = [each for each in left if each is not twin]
            overlaps.append(overlap)
            shifts.append(_shift(face, twin))
        added += len(left)
        decisions += len(wanted) + len(left)
    figures = {
        "missed": float(missed),
        "added": float(added),
        "mean_overlap": float(np.mean(overlaps)) if overlaps else 0.0,
        "mean_point_shift": float(np.mean(shifts)) if shifts else 0.0,
    }
    return judged(missed + added, decisions, figures, {})


def _shift(one: Detection, other: Detection) -> float:
    """How far the five points move on average, as a share of the distance of the eyes."""
    moved = np.linalg.norm(one.points - other.points, axis=1).mean()
    return float(moved / max(one.eye_distance_px, 1e-6))
