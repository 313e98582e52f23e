"""A head that turns is seen to turn; a flat picture that is turned, tilted or bent towards the camera is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.flow import Expression
from edge.stages.express import Expresser
from edge.stages.landmarks import LEFT_EYE, LOWER_LIP, MOUTH_LEFT, MOUTH_RIGHT, RIGHT_EYE, UPPER_LIP, Mesh
from tests.fakes.stage import MEAN_FACE, seen_from_in_front

Points = NDArray[np.float64]
EXPRESSER = Expresser(MEAN_FACE)
AWAY_CM = 50.0


def express(points: Points) -> Expression:
    """What is seen in the (468, 2) points of a mesh."""
    mesh = np.zeros((478, 3), dtype=np.float32)
    mesh[: len(points), :2] = points
    return EXPRESSER.express(Mesh(mesh), 7)


def turned(points: Points, yaw_deg: float, pitch_deg: float) -> Points:
    """(n, 3) points in space, turned to the right of the picture and bowed."""
    yaw, pitch = np.radians([yaw_deg, pitch_deg])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    return np.asarray(points @ (about_y @ about_x).T)


def photographed(points: Points) -> Points:
    """What a camera half a metre away sees of points in space, nearer ones larger."""
    return np.asarray(10 * points[:, :2] / (1 - points[:, 2:] / AWAY_CM))


def picture_held(picture: Points, yaw_deg: float, pitch_deg: float) -> Points:
    """What a camera sees of a flat picture of a face that is held before it, turned so."""
    flat = np.hstack([picture / 10, np.zeros((len(picture), 1))])
    return photographed(turned(flat, yaw_deg, pitch_deg))


ANGLES = [(0, 0), (12, 0), (-25, 0), (0, 10), (0, -18), (15, 10), (-20, -12)]


@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), ANGLES)
def test_the_angles_of_a_head_are_found(yaw_deg: float, pitch_deg: float) -> None:
    found = express(seen_from_in_front(yaw_deg, pitch_deg))

    assert (found.yaw_deg, found.pitch_deg) == pytest.approx((yaw_deg, pitch_deg), abs=1.5)
    assert found.captured_ns == 7


@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), ANGLES)
def test_the_angles_are_found_about_as_well_near_the_camera(yaw_deg: float, pitch_deg: float) -> None:
    still, found = (express(photographed(turned(MEAN_FACE, *angles))) for angles in ((0, 0), (yaw_deg, pitch_deg)))

    assert found.yaw_deg - still.yaw_deg == pytest.approx(yaw_deg, abs=4)
    assert found.pitch_deg - still.pitch_deg == pytest.approx(pitch_deg, abs=4)


@pytest.mark.parametrize("size", [0.2, 5.0])
@pytest.mark.parametrize("shift", [(0, 0), (90, -40)])
def test_size_and_place_do_not_matter(size: float, shift: tuple[float, float]) -> None:
    found = express(size * seen_from_in_front(15, -10) + shift)

    assert (found.yaw_deg, found.pitch_deg) == pytest.approx((15, -10), abs=1.5)


@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), [(30, 0), (-30, 0), (0, 30), (0, -30), (20, 20)])
def test_a_flat_picture_that_is_turned_shows_almost_nothing(yaw_deg: float, pitch_deg: float) -> None:
    """What counts as a turn is 11 degrees, as a nod 8."""
    held, still = (express(picture_held(seen_from_in_front(0, 0), *angles)) for angles in ((yaw_deg, pitch_deg), (0, 0)))

    assert abs(held.yaw_deg - still.yaw_deg) < 4
    assert abs(held.pitch_deg - still.pitch_deg) < 4


def test_the_picture_of_a_turned_head_stays_as_it_is_however_it_is_held() -> None:
    picture = seen_from_in_front(20, 0)

    found = [express(picture_held(picture, yaw_deg, 0)).yaw_deg for yaw_deg in (-30, 0, 30)]

    assert np.ptp(found) < 6
    assert found[1] == pytest.approx(20, abs=1.5)


def with_open_eyes_and_mouth() -> Points:
    """The face in space with eyes open by 0.3 and a mouth open by 0.5 of their widths."""
    face = MEAN_FACE.copy()
    for outer, upper_one, upper_two, inner, lower_two, lower_one in (RIGHT_EYE, LEFT_EYE):
        face[outer], face[inner] = (-2, 20, 0), (2, 20, 0)
        face[[upper_one, upper_two]], face[[lower_one, lower_two]] = (0, 19.4, 0), (0, 20.6, 0)
    face[MOUTH_RIGHT], face[MOUTH_LEFT] = (-2, 24, 0), (2, 24, 0)
    face[UPPER_LIP], face[LOWER_LIP] = (0, 23, 0), (0, 25, 0)
    return face


@pytest.mark.parametrize(("yaw_deg", "pitch_deg"), ANGLES)
def test_eyes_and_mouth_are_as_open_however_the_head_is_turned(yaw_deg: float, pitch_deg: float) -> None:
    found = express(10 * turned(with_open_eyes_and_mouth(), yaw_deg, pitch_deg)[:, :2])

    assert (found.eyes, found.mouth) == pytest.approx((0.3, 0.5), rel=0.06)


@pytest.mark.parametrize("number", [0.0, 30.0, math.nan])
def test_a_mesh_of_one_point_or_of_no_numbers_gives_no_number(number: float) -> None:
    found = express(np.full((468, 2), number))

    assert all(math.isnan(angle) for angle in (found.eyes, found.mouth, found.yaw_deg, found.pitch_deg))
