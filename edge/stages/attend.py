"""Which face is attended to, and where it is in this frame: looked for everywhere, near its last place, or by its landmarks.

Only what the detector found is evidence; a face that is followed by its landmarks alone is told from nothing else, so that may
not go on for long. How a frame is looked at is the schedule's to say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from edge.flow import Box, Detection, Track
from edge.imaging import apply_map, similarity_map
from edge.schedule import Gaze
from edge.stages.align import Aligner
from edge.stages.detect import LONE_PX, LONGEST_PX, SEARCH_PX, Detector
from edge.stages.match import Points
from edge.stages.track import Tracker
from firmware.frame import Frame

LEAST_GROWTH, MOST_GROWTH = 0.8, 1.25
"""From one frame to the next no face that is followed grows or shrinks by more: else the landmarks have lost it."""
FARTHEST_SHIFT = 0.35
"""Nor does it move by more, in its own sizes."""
SPARE = 1.2
"""A face that is known is shown so much larger than a lone one must be: it may have moved away since."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """The face that is attended to, in one frame."""

    track: Track
    points: Points
    """(5, 2) the aligner's, pixels of the frame."""
    graded_before: bool
    """Whether its points are only moved, or all that is known of its place: then the grades of a moment ago hold."""


class Attention:
    """Attends to one face from frame to frame; one thread."""

    def __init__(self, detector: Detector, tracker: Tracker, aligner: Aligner) -> None:
        self._detector, self._tracker, self._aligner = detector, tracker, aligner
        self._last: Sight | None = None
        self._others = 0

    def find(self, frame: Frame, gaze: Gaze) -> Sight | None:
        """The face in this frame; None without any. `HOLD` is for whoever asks nothing. Raises `ModelError`."""
        followed = self._follow(frame) if gaze is Gaze.FOLLOW else None
        self._last = followed or self._detect(frame, gaze)
        return self._last

    def _detect(self, frame: Frame, gaze: Gaze) -> Sight | None:
        last, at_ns = self._last, frame.captured_ns
        everywhere = gaze in (Gaze.SEARCH, Gaze.WHOLE, Gaze.STILL)
        near = self._detector.find_near(frame.bgr, last.track.detection.box) if last and not everywhere else ()
        track = self._tracker.follow(near or self._everybody(frame, gaze), at_ns)
        if track is None:
            return None
        self._others = max(track.others, self._others) if near else track.others
        track = replace(track, others=self._others)
        if last and gaze is Gaze.GLANCE and track.id == last.track.id:
            return Sight(track, _carried(last, track.detection), graded_before=True)
        return Sight(track, self._aligner.points(frame.bgr, track.detection), graded_before=False)

    def _everybody(self, frame: Frame, gaze: Gaze) -> tuple[Detection, ...]:
        """All faces; coarsely where the one that is known is large, for whether it is still alone is then quickly told."""
        if gaze is Gaze.STILL:
            return self._detector.find(frame.bgr)
        if gaze is Gaze.SEARCH:
            return self._detector.find_in_frame(frame.bgr, SEARCH_PX)
        alone = self._alone(frame, self._last.track.detection.box.side_px) if self._last else ()
        return alone or self._detector.find_in_frame(frame.bgr)

    def _alone(self, frame: Frame, side_px: float) -> tuple[Detection, ...]:
        """The face in a frame so coarse that one of half its size is just seen; empty where that is not coarse or does not do."""
        coarse_px = round(max(frame.width_px, frame.height_px) / max(1.0, side_px // (SPARE * LONE_PX)))
        return self._detector.find_alone(frame.bgr, coarse_px) if coarse_px < LONGEST_PX else ()

    def _follow(self, frame: Frame) -> Sight | None:
        if self._last is None:
            return None
        face = self._last.track.detection
        points = self._aligner.points(frame.bgr, face)
        moved = _moved(face, self._last.points, points)
        return Sight(replace(self._last.track, detection=moved), points, graded_before=True) if moved else None


def _carried(last: Sight, now: Detection) -> Points:
    """The points of the last sight, moved as the detector's have."""
    points = apply_map(similarity_map(last.track.detection.points, now.points), last.points)
    points.setflags(write=False)
    return points


def _moved(face: Detection, before: Points, now: Points) -> Detection | None:
    """The detection, moved as its landmarks have; None where no face moves so."""
    matrix = similarity_map(before, now)
    growth = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    x, y = face.box.centre
    ((to_x, to_y),) = apply_map(matrix, np.array([[x, y]], np.float32)).tolist()
    shift = float(np.hypot(to_x - x, to_y - y)) / face.box.side_px
    if not (LEAST_GROWTH <= growth <= MOST_GROWTH and shift <= FARTHEST_SHIFT):
        return None
    wide, tall = face.box.width_px * growth, face.box.height_px * growth
    points = apply_map(matrix, face.points)
    points.setflags(write=False)
    return Detection(Box(to_x - wide / 2, to_y - tall / 2, wide, tall), points, face.confidence)
