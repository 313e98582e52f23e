"""How far away a face is, and what the grader says of it where the focal length is known (R20)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from edge.flow import Box, Component, Detection, FaceSample, Track, TrackId
from edge.rules import GradeLimits
from edge.stages.distance import MOST_YAW_DEG, distance_cm, focal_px
from edge.stages.grade import Grader
from firmware.frame import DARK, frame_from_bgr
from wire.reasons import Reason

WIDE_PX, TALL_PX = 1280, 720
FOCAL_WIDTHS = 0.77
"""66 degrees across."""


@pytest.mark.parametrize(("away_cm", "eyes_px"), [(20, 310), (50, 124)])
def test_eyes_are_as_far_apart_as_the_requirement_derives(away_cm: float, eyes_px: float) -> None:
    assert distance_cm(eyes_px, 0.0, FOCAL_WIDTHS * WIDE_PX) == pytest.approx(away_cm, rel=0.01)


@pytest.mark.parametrize("yaw_deg", [0.0, 20.0, -20.0, 50.0])
def test_a_turned_head_is_no_farther_away(yaw_deg: float) -> None:
    seen_px = 100 * math.cos(math.radians(yaw_deg))

    assert distance_cm(seen_px, yaw_deg, 800.0) == pytest.approx(distance_cm(100, 0.0, 800.0))


def test_the_focal_length_is_the_inverse() -> None:
    for away_cm, yaw_deg, eyes_cm in ((20.0, 0.0, 6.3), (43.0, 11.0, 5.8), (110.0, -8.0, 7.0)):
        focal = focal_px(140.0, yaw_deg, away_cm, eyes_cm)

        assert distance_cm(140.0, yaw_deg, focal, eyes_cm) == pytest.approx(away_cm)


def test_eyes_that_coincide_and_a_profile_have_a_distance_that_is_no_error() -> None:
    assert distance_cm(0.0, 0.0, 800.0) == math.inf
    assert distance_cm(50.0, 90.0, 800.0) == distance_cm(50.0, MOST_YAW_DEG, 800.0)


def graded(away_cm: float, limits: GradeLimits) -> FaceSample:
    """A face of noise in the middle, as large as it is at this distance."""
    eyes_px = FOCAL_WIDTHS * WIDE_PX * 6.3 / away_cm
    x, y = WIDE_PX / 2, TALL_PX / 2
    eye = eyes_px / 2
    # The nose of a level head hangs at 0.57 of the way from the eyes to the mouth.
    points = np.array(
        [[x - eye, y], [x + eye, y], [x, y + 0.57 * 2 * eye], [x - eye * 0.8, y + 2 * eye], [x + eye * 0.8, y + 2 * eye]],
        np.float32,
    )
    face = Detection(Box(x - 2 * eye, y - 2 * eye, 4 * eye, 5 * eye), points, 0.95)
    noise = np.random.default_rng(3).integers(60, 200, (TALL_PX, WIDE_PX, 3), dtype=np.uint8)
    return Grader(limits).grade(frame_from_bgr(noise, 0, 0, DARK), Track(TrackId(1), face, 0), points)


def reasons(sample: FaceSample) -> set[Reason]:
    return {flaw.reason for flaw in sample.flaws} & {Reason.TOO_FAR, Reason.TOO_CLOSE}


@pytest.mark.parametrize(
    ("away_cm", "reason"),
    [
        (12, Reason.TOO_CLOSE),
        (19.8, Reason.TOO_CLOSE),
        (20.2, None),
        (35, None),
        (49.5, None),
        (50.5, Reason.TOO_FAR),
        (75, Reason.TOO_FAR),
    ],
)
def test_a_face_belongs_between_twenty_and_fifty_centimetres(away_cm: float, reason: Reason | None) -> None:
    limits = GradeLimits(focal_widths=FOCAL_WIDTHS, largest_share=1.5)

    sample = graded(away_cm, limits)

    assert sample.distance_cm == pytest.approx(away_cm, rel=0.01)
    assert reasons(sample) == ({reason} if reason else set())
    assert Component.SUBJECT_DISTANCE in dict(sample.components)


def test_the_band_is_that_of_the_settings() -> None:
    limits = GradeLimits(focal_widths=FOCAL_WIDTHS, nearest_cm=24, farthest_cm=80, largest_share=1.5)

    assert reasons(graded(22, limits)) == {Reason.TOO_CLOSE}
    assert reasons(graded(75, limits)) == set()


def test_without_a_focal_length_nobody_knows_a_distance() -> None:
    sample = graded(75, GradeLimits())

    assert sample.distance_cm is None
    assert reasons(sample) == set()
    assert Component.SUBJECT_DISTANCE not in dict(sample.components)
