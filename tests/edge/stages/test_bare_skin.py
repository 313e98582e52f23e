"""Painted faces: what has the colour of the cheeks, and what has not."""

from __future__ import annotations

import numpy as np
import pytest

from edge.imaging import Pixels
from edge.stages.bare_skin import BareSkin, bare_skin

SKIN, WALL, HAIR, BLUE = (130, 160, 205), (200, 190, 180), (35, 40, 50), (120, 60, 30)
POINTS = np.array([[180, 160], [240, 160], [210, 200], [190, 230], [230, 230]], np.float32)


def face() -> Pixels:
    """Eyes 60 px apart, chin at 275."""
    frame = np.full((420, 420, 3), WALL, np.uint8)
    frame[70:275, 140:280] = SKIN
    return frame


def covered(colour: tuple[int, int, int], ragged: bool) -> BareSkin:
    """Something over the forehead, with a straight hem or with locks."""
    frame = face()
    for x in range(130, 290):
        frame[60 : 140 + (12 if ragged and x // 4 % 2 else 0), x] = colour
    return bare_skin(frame, POINTS)


def test_a_bare_face_is_of_one_colour() -> None:
    seen = bare_skin(face(), POINTS)

    assert seen.forehead == pytest.approx(0, abs=1)
    assert seen.chin == pytest.approx(0, abs=1)
    assert seen.below > 20


@pytest.mark.parametrize(
    ("colour", "ragged", "woven"), [(BLUE, False, True), (BLUE, True, True), (HAIR, True, False), (HAIR, False, True)]
)
def test_cloth_has_a_straight_hem_or_a_colour_that_hair_has_not(colour: tuple[int, int, int], ragged: bool, woven: bool) -> None:
    seen = covered(colour, ragged)

    assert seen.forehead > 25
    assert seen.woven is woven
    assert seen.darker


def test_a_hand_over_the_brow_is_not_darker_than_the_cheeks() -> None:
    assert not covered((150, 185, 225), ragged=False).darker


def test_smooth_hair_is_known_by_hanging_beside_the_face_as_well() -> None:
    frame = face()
    frame[60:140, 130:290] = HAIR
    for left, right in ((125, 155), (265, 295)):
        frame[60:300, left:right] = HAIR

    assert not bare_skin(frame, POINTS).woven


def test_a_scarf_goes_on_below_the_chin() -> None:
    frame = face()
    frame[215:, 130:290] = BLUE

    seen = bare_skin(frame, POINTS)

    assert seen.chin > 25
    assert seen.below < 1
    assert seen.forehead == pytest.approx(0, abs=1)


def test_a_mask_ends_above_the_neck_whatever_is_worn() -> None:
    frame = face()
    frame[190:275, 140:280] = BLUE
    frame[275:330, 170:250] = SKIN
    frame[330:] = BLUE

    assert bare_skin(frame, POINTS).below > 25


def test_shade_counts_less_than_another_colour() -> None:
    shaded, tinted = face(), face()
    shaded[70:140, 140:280] = [round(part * 0.85) for part in SKIN]
    tinted[70:140, 140:280] = (205, 160, 130)

    assert bare_skin(shaded, POINTS).forehead < 8
    assert bare_skin(tinted, POINTS).forehead > 25


@pytest.mark.parametrize("points", [np.zeros((5, 2), np.float32), POINTS + 1000, np.full((5, 2), 5, np.float32)])
def test_points_that_are_no_face_give_numbers_all_the_same(points: np.ndarray) -> None:
    seen = bare_skin(face(), points)

    assert all(np.isfinite([seen.forehead, seen.chin, seen.below]))
