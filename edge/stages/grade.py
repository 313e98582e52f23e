"""Grades a face: which of its qualities keep it from being judged, and what the visitor could do about it.

Component names follow ISO/IEC 29794-5:2025; the formulas are our own, simple ones, and each states its unit. Light is
judged on the face, never on the whole frame: a dark room behind a lit face is no flaw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.flow import Component, Detection, FaceSample, Flaw, Track
from edge.imaging import Pixels, crop_resized, sharpness
from edge.rules import GradeLimits
from wire.reasons import Reason

FACE_PX = 112
"""The face's luma is brought to this size, so that light and sharpness do not depend on the camera's resolution."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Rough angles from five points, degrees; positive is the nose to the right of the picture, down, and clockwise."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True, slots=True)
class _Finding:
    component: Component
    score: int
    flaw: Flaw | None


class Grader:
    """Grades the face of a track in its frame."""

    def __init__(self, limits: GradeLimits) -> None:
        self._limits = limits

    def grade(self, luma: Pixels, track: Track, captured_ns: int) -> FaceSample:
        """Grade a face; `luma` is the frame's (height, width) brightness plane."""
        findings = [*self._placing(luma.shape[0], luma.shape[1], track), *self._picture(luma, track.detection)]
        flaws = sorted((finding.flaw for finding in findings if finding.flaw), key=lambda flaw: -flaw.severity)
        components = tuple((finding.component, finding.score) for finding in findings)
        return FaceSample(track.id, captured_ns, track.detection, components, tuple(flaws))

    def _placing(self, height: int, width: int, track: Track) -> Iterator[_Finding]:
        limits, face, box = self._limits, track.detection, track.detection.box
        x, y = box.centre
        yield _at_most(Component.SINGLE_FACE, float(track.others), 0.5, Reason.MULTIPLE_FACES)
        yield _at_least(Component.INTER_EYE_DISTANCE, face.eye_distance_px, limits.eye_distance_px, Reason.TOO_FAR)
        share = max(box.width_px / width, box.height_px / height)
        yield _at_most(Component.HEAD_SIZE, share, limits.largest_share, Reason.TOO_CLOSE)
        away = max(abs(x / width - 0.5), abs(y / height - 0.5))
        yield _at_most(Component.FACE_POSITION, away, limits.off_centre_share, Reason.OFF_CENTRE)
        outside = max(-box.left_px, -box.top_px, box.left_px + box.width_px - width, box.top_px + box.height_px - height, 0.0)
        yield _at_most(Component.FACE_IN_FRAME, outside / box.side_px, limits.outside_share, Reason.CROPPED)

    def _picture(self, luma: Pixels, face: Detection) -> Iterator[_Finding]:
        limits, pose = self._limits, head_pose(face)
        skin = crop_resized(luma, face.box, FACE_PX)
        mean, white = float(skin.mean()), float((skin > 250).mean())
        yield _at_least(Component.UNDER_EXPOSURE, mean, limits.darkest_luma, Reason.TOO_DARK)
        over = max(mean / limits.brightest_luma, white / limits.clipped_share)
        yield _at_most(Component.OVER_EXPOSURE, over, 1.0, Reason.TOO_BRIGHT)
        yield _at_least(Component.SHARPNESS, sharpness(skin), limits.sharpness, Reason.HOLD_STILL)
        yield _at_most(Component.POSE_YAW, abs(pose.yaw_deg), limits.yaw_deg, Reason.HEAD_TURNED)
        yield _at_most(Component.POSE_PITCH, abs(pose.pitch_deg), limits.pitch_deg, Reason.HEAD_TURNED)
        yield _at_most(Component.POSE_ROLL, abs(pose.roll_deg), limits.roll_deg, Reason.HEAD_TURNED)


# A nose stands out of the eye plane by about 0.6 eye distances (mean of anthropometric tables, Farkas 1994), and hangs at
# 0.57 of the way from the eyes to the mouth when the head is level (median of the development portraits).
NOSE_DEPTH = 0.6
LEVEL_NOSE = 0.57


def head_pose(face: Detection) -> HeadPose:
    """Angles from the five points; a rough guide of about five degrees, good for advice and for leaving profiles out."""
    eyes = face.points[1] - face.points[0]
    distance = max(1e-6, float(np.hypot(eyes[0], eyes[1])))
    along = eyes / distance
    down = np.array([-along[1], along[0]])
    middle = (face.points[0] + face.points[1]) / 2
    nose, mouth = face.points[2] - middle, (face.points[3] + face.points[4]) / 2 - middle
    drop = max(1e-6, float(mouth @ down))
    yaw = np.degrees(np.arctan2(float(nose @ along) / distance, NOSE_DEPTH))
    pitch = np.degrees(np.arctan2(float(nose @ down) / drop - LEVEL_NOSE, NOSE_DEPTH))
    return HeadPose(float(yaw), float(pitch), float(np.degrees(np.arctan2(eyes[1], eyes[0]))))


def _at_least(component: Component, value: float, limit: float, reason: Reason) -> _Finding:
    """Score 50 at the limit, 100 at twice the limit; below the limit it is a flaw."""
    flaw = Flaw(reason, min(1.0, 1.0 - value / limit)) if value < limit else None
    return _Finding(component, _score(50 * value / limit), flaw)


def _at_most(component: Component, value: float, limit: float, reason: Reason) -> _Finding:
    """Score 100 at zero, 50 at the limit; above the limit it is a flaw."""
    flaw = Flaw(reason, min(1.0, value / limit - 1.0)) if value > limit else None
    return _Finding(component, _score(100 - 50 * value / limit), flaw)


def _score(value: float) -> int:
    return int(max(0.0, min(100.0, value)))
