"""Grades a face: which of its qualities keep it from being judged, and what the visitor could do about it.

Component names follow ISO/IEC 29794-5:2025; the formulas are our own, simple ones, and each states its unit. Light is
judged on the face, never on the whole frame: a dark room behind a lit face is no flaw.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.flow import Component, Detection, FaceSample, Flaw, Track
from edge.imaging import Pixels, crop_resized, entropy_bits, sharpness
from edge.rules import GradeLimits
from edge.stages.distance import distance_cm, seen_eyes_px
from edge.stages.eye_region import eye_region
from edge.stages.finding import Finding, at_least, at_most, blocking, hinted, names, rising
from edge.stages.light_direction import behind_ratio, face_luma, one_sided, side_ratio
from firmware.frame import Frame
from wire.reasons import Reason

Points = NDArray[np.float32]

HALF_RANGE_BITS = 4.0
"""With it the score is 12.5 for each bit of entropy, as in ISO/IEC 29794-5:2025."""
FACE_PX = 112
"""The face's luma is brought to this size, so that light and sharpness do not depend on the camera's resolution."""


BRINGS_ABOUT = ((Reason.CROPPED, Reason.OFF_CENTRE), (Reason.BACKLIT, Reason.TOO_DARK))
"""Whom an edge cuts off is far from the middle, and whoever sits before a window is dark: saying the second helps nobody."""


POSE_HIDERS = frozenset({Reason.CROPPED, Reason.HOLD_STILL})
"""Where these block, the points are guesses."""


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Rough angles from five points, degrees; positive is the nose to the right of the picture, down, and clockwise."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


class Grader:
    """Grades the face of a track in its frame."""

    def __init__(self, limits: GradeLimits) -> None:
        self._limits = limits

    def grade(self, frame: Frame, track: Track, points: Points) -> FaceSample:
        """Grade a face in its frame; `points` are the aligner's, (5, 2) in frame pixels."""
        face = track.detection
        away_cm = self._distance_cm(frame, face, points)
        findings = [*self._placing(frame, track), *self._distance(away_cm), *self._light(frame, face)]
        cut = outside_px(points, frame.height_px, frame.width_px) / face.box.side_px
        # A face too large for the frame is cut as well; moving back mends both.
        if not names(findings, Reason.TOO_CLOSE):
            findings.append(at_most(Component.FACE_IN_FRAME, cut, self._limits.outside_share, Reason.CROPPED))
        hidden = any(one.flaw and one.flaw.blocks and one.flaw.reason in POSE_HIDERS for one in findings)
        if not hidden:
            findings += self._pose(face, points)
        if not blocking(findings):
            # Eyes that are too dark, too bright, blurred or turned away are not to be told from glasses.
            findings += self._eyes(frame.luma, points)
        flaws = worst_first([finding.flaw for finding in findings if finding.flaw])
        components = tuple((finding.component, finding.score) for finding in findings)
        return FaceSample(track.id, frame.captured_ns, face, components, tuple(flaws), away_cm)

    def _placing(self, frame: Frame, track: Track) -> Iterator[Finding]:
        limits, face, box = self._limits, track.detection, track.detection.box
        x, y = box.centre
        yield at_most(Component.SINGLE_FACE, float(track.others), 0.5, Reason.MULTIPLE_FACES)
        yield at_least(Component.INTER_EYE_DISTANCE, face.eye_distance_px, limits.eye_distance_px, Reason.TOO_FAR)
        share = max(box.width_px / frame.width_px, box.height_px / frame.height_px)
        yield at_most(Component.HEAD_SIZE, share, limits.largest_share, Reason.TOO_CLOSE)
        away = max(abs(x / frame.width_px - 0.5), abs(y / frame.height_px - 0.5))
        yield at_most(Component.FACE_POSITION, away, limits.off_centre_share, Reason.OFF_CENTRE)

    def _distance_cm(self, frame: Frame, face: Detection, points: Points) -> float | None:
        focal = self._limits.focal_widths
        if focal is None:
            return None
        return distance_cm(seen_eyes_px(face, points), head_pose(face, points).yaw_deg, focal * frame.width_px)

    def _distance(self, away_cm: float | None) -> Iterator[Finding]:
        if away_cm is None:
            return
        limits = self._limits
        if away_cm < limits.nearest_cm:
            yield at_least(Component.SUBJECT_DISTANCE, away_cm, limits.nearest_cm, Reason.TOO_CLOSE)
        else:
            yield at_most(Component.SUBJECT_DISTANCE, away_cm, limits.farthest_cm, Reason.TOO_FAR)

    def _light(self, frame: Frame, face: Detection) -> Iterator[Finding]:
        limits = self._limits
        skin = crop_resized(frame.luma, face.box, FACE_PX)
        mean, white = float(skin.mean()), float((skin > 250).mean())
        yield at_least(Component.UNDER_EXPOSURE, mean, limits.darkest_luma, Reason.TOO_DARK)
        over = max(mean / limits.brightest_luma, white / limits.clipped_share)
        yield at_most(Component.OVER_EXPOSURE, over, 1.0, Reason.TOO_BRIGHT)
        yield Finding(Component.DYNAMIC_RANGE, rising(entropy_bits(skin), HALF_RANGE_BITS), None)
        if not one_sided(frame.light):
            yield from self._light_direction(frame.luma, face, skin)
        yield from self._sharpness(sharpness(skin))

    def _sharpness(self, found: float) -> Iterator[Finding]:
        """A little blur is worth a word; what cannot be judged for it is less sharp by half, for cameras are not all sharp."""
        seen = at_least(Component.SHARPNESS, found, self._limits.sharpness, Reason.HOLD_STILL)
        yield seen if found < self._limits.least_sharpness else hinted(seen)

    def _light_direction(self, luma: Pixels, face: Detection, skin: Pixels) -> Iterator[Finding]:
        limits, own = self._limits, face_luma(skin)
        # A bright wall is no flaw while the face before it can be seen.
        behind = behind_ratio(luma, face.box, own) if own < limits.shaded_luma else 0.0
        yield hinted(at_most(Component.BACK_LIGHT, behind, limits.behind_ratio, Reason.BACKLIT))
        yield hinted(at_most(Component.ILLUMINATION_UNIFORMITY, side_ratio(skin), limits.side_ratio, Reason.SIDE_LIT))

    def _eyes(self, luma: Pixels, points: Points) -> Iterator[Finding]:
        limits, seen = self._limits, eye_region(luma, points)
        yield at_least(Component.EYES_VISIBLE, seen.visible, limits.eyes_visible, Reason.SUNGLASSES)
        yield at_most(Component.GLARE, seen.hidden, limits.glare_share, Reason.GLASSES_GLARE)

    def _pose(self, face: Detection, points: Points) -> Iterator[Finding]:
        limits, pose = self._limits, head_pose(face, points)
        yield at_most(Component.POSE_YAW, abs(pose.yaw_deg), limits.yaw_deg, Reason.HEAD_TURNED)
        yield at_most(Component.POSE_PITCH, abs(pose.pitch_deg), limits.pitch_deg, Reason.HEAD_TURNED)
        yield at_most(Component.POSE_ROLL, abs(pose.roll_deg), limits.roll_deg, Reason.HEAD_TURNED)


# A nose stands out of the eye plane by about 0.6 eye distances (mean of anthropometric tables, Farkas 1994), and hangs at
# 0.57 of the way from the eyes to the mouth when the head is level (median of the development portraits).
NOSE_DEPTH = 0.6
LEVEL_NOSE = 0.57


def head_pose(face: Detection, points: Points) -> HeadPose:
    """Rough angles, good to about five degrees: for advice, and for leaving profiles out.

    Roll comes from the aligner's eyes, because the detector's follow a tilted head only half of the way; yaw and pitch from
    the detector's points, because the aligner puts the nose too high on some faces (development footage).
    """
    eyes = face.points[1] - face.points[0]
    distance = max(1e-6, float(np.hypot(eyes[0], eyes[1])))
    along = eyes / distance
    down = np.array([-along[1], along[0]])
    middle = (face.points[0] + face.points[1]) / 2
    nose, mouth = face.points[2] - middle, (face.points[3] + face.points[4]) / 2 - middle
    drop = max(1e-6, float(mouth @ down))
    yaw = np.degrees(np.arctan2(float(nose @ along) / distance, NOSE_DEPTH))
    pitch = np.degrees(np.arctan2(float(nose @ down) / drop - LEVEL_NOSE, NOSE_DEPTH))
    return HeadPose(float(yaw), float(pitch), roll_deg(points))


def roll_deg(points: Points) -> float:
    """How far a head is tilted clockwise, degrees, by the aligner's eyes."""
    level = points[1] - points[0]
    return float(np.degrees(np.arctan2(level[1], level[0])))


# A face reaches beyond its five points by at least these shares of the eye distance (development portraits, cut step by step).
BESIDE_EYES, ABOVE_EYES, BELOW_MOUTH = 0.45, 0.95, 0.70


def outside_px(points: Points, height: int, width: int) -> float:
    """How far a face reaches out of a frame of this size, judged by the aligner's points; 0 when all of it is inside.

    The box cannot tell: the detector ends it at the border of the frame.
    """
    eyes = float(np.hypot(*(points[1] - points[0])))
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    sides = max(-left, right - width) + BESIDE_EYES * eyes
    return max(0.0, float(sides), float(ABOVE_EYES * eyes - top), float(bottom + BELOW_MOUTH * eyes - height))


def worst_first(flaws: Sequence[Flaw]) -> list[Flaw]:
    """Those that block first, in the order of their severity; but one that another brings about comes after all the others."""
    named = {flaw.reason for flaw in flaws}
    brought_about = {of for cause, of in BRINGS_ABOUT if cause in named}
    return sorted(flaws, key=lambda flaw: (flaw.reason in brought_about, not flaw.blocks, -flaw.severity))
