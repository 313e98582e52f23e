"""The focal length of a camera, measured by one person at a known distance: what is taken, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import numpy as np
import pytest

from edge.errors import FocalUnmeasuredError
from edge.flow import Box, Detection
from edge.focal import ENOUGH, FEWEST, PATIENCE, FocalFound, measure_focal
from edge.imaging import Pixels
from edge.stages.align import Aligner
from edge.stages.detect import Detector
from firmware.frame import DARK, Frame, frame_from_bgr

WIDE_PX = 640


def face(eyes_px: float, aside_px: float = 0.0) -> Detection:
    """A face whose nose is so far beside the middle."""
    eye = eyes_px / 2
    points = [[320 - eye, 200], [320 + eye, 200], [320 + aside_px, 200 + 1.14 * eye], [300, 200 + 2 * eye], [340, 200 + 2 * eye]]
    return Detection(Box(250, 150, 140, 180), np.array(points, np.float32), 0.9)


class Shown:
    """Finds in one frame after the other what it was given; its points are the aligner's, too."""

    def __init__(self, *frames: tuple[Detection, ...]) -> None:
        self._frames = iter(frames)

    def find(self, bgr: Pixels) -> tuple[Detection, ...]:
        del bgr
        return next(self._frames)

    def points(self, bgr: Pixels, found: Detection) -> np.ndarray:
        del bgr
        return found.points


def frames(count: int) -> Iterator[Frame]:
    for number in range(count):
        yield frame_from_bgr(np.zeros((480, WIDE_PX, 3), np.uint8), number, number, DARK)


def measured(*shown: tuple[Detection, ...], away_cm: float = 40.0, eyes_cm: float = 6.3) -> FocalFound:
    sight = Shown(*shown)
    return measure_focal(frames(len(shown)), cast(Detector, sight), cast(Aligner, sight), away_cm, eyes_cm)


def test_a_face_that_keeps_still_gives_the_focal_length() -> None:
    found = measured(*[(face(77.6),)] * 20)

    assert found.focal_widths == pytest.approx(0.77, rel=0.01)
    assert found.across_deg == pytest.approx(66, abs=0.5)
    assert (found.frames, found.spread) == (20, pytest.approx(0))


def test_whoever_measured_their_eyes_is_believed() -> None:
    narrow, wide = measured(*[(face(77.6),)] * 20, eyes_cm=5.8), measured(*[(face(77.6),)] * 20, eyes_cm=6.8)

    assert wide.focal_widths / narrow.focal_widths == pytest.approx(5.8 / 6.8)


def test_frames_without_one_straight_face_are_left_out() -> None:
    good, none, two, turned = (face(77.6),), (), (face(77.6), face(60)), (face(77.6, aside_px=30),)

    assert measured(*[none, two, turned, good] * FEWEST).frames == FEWEST
    with pytest.raises(FocalUnmeasuredError, match=f"{FEWEST - 1} of {4 * (FEWEST - 1)} frames"):
        measured(*[none, two, turned, good] * (FEWEST - 1))


def test_it_takes_no_more_frames_than_it_needs_and_does_not_wait_for_ever() -> None:
    assert measured(*[(face(77.6),)] * (ENOUGH + 50)).frames == ENOUGH
    with pytest.raises(FocalUnmeasuredError, match=f"0 of {PATIENCE} frames"):
        measured(*[()] * (PATIENCE + 50))


def test_somebody_who_sways_is_asked_to_keep_still() -> None:
    with pytest.raises(FocalUnmeasuredError, match="lean the head"):
        measured(*[(face(70),), (face(80),)] * 10)
