"""A turn is a rotation of the right sense; a blink changes the eyes only, an open mouth the lower face only."""

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware.twin.physics.head import EYE_X, MOUTH_Y
from firmware.twin.physics.motion import (
    EYE_HALF_WIDTH,
    LID_ABOVE,
    LID_SHUT,
    MOUTH_DROPS,
    Expression,
    Pose,
    Skin,
    articulate,
    turn,
)
from firmware.twin.physics.surface import Moves, plane

SHUT, OPEN, BOTH = Expression(eyes_shut=1.0), Expression(mouth_open=1.0), Expression(1.0, 1.0)
X, Y = plane()
EYES = (np.abs(np.abs(X) - EYE_X) <= EYE_HALF_WIDTH) & (np.abs(Y) < 1.3)
LOWER_FACE = (Y > MOUTH_Y) & (np.abs(X) < 5.5)


def _now(face: Expression, moves: Moves = Moves.FACE) -> Skin:
    return articulate(X, Y, face, moves)


def _changed(skin: Skin) -> NDArray[np.bool_]:
    return np.asarray(np.maximum(np.abs(skin.x - X), np.abs(skin.y - Y)) > 1e-5, dtype=np.bool_)


@pytest.mark.parametrize(
    ("pose", "nose"),
    [
        (Pose(), (0, 0, 1)),
        (Pose(yaw_deg=90), (1, 0, 0)),
        (Pose(pitch_deg=90), (0, 1, 0)),
        (Pose(roll_deg=90), (0, 0, 1)),
    ],
)
def test_a_turn_points_the_nose(pose: Pose, nose: tuple[float, float, float]) -> None:
    assert (turn(pose) @ np.array([0, 0, 1])).tolist() == pytest.approx(nose, abs=1e-6)


def test_a_roll_lowers_the_eye_at_the_right() -> None:
    assert (turn(Pose(roll_deg=30)) @ np.array([1, 0, 0])).tolist() == pytest.approx([np.sqrt(0.75), 0.5, 0], abs=1e-6)


@pytest.mark.parametrize("pose", [Pose(20, 10, -30), Pose(-70, 45, 10), Pose(5, -85, 170)])
def test_a_turn_keeps_lengths_and_hands(pose: Pose) -> None:
    rotation = turn(pose)

    assert np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
    assert float(np.linalg.det(rotation)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("moves", list(Moves))
def test_a_face_at_rest_is_as_it_was_taken(moves: Moves) -> None:
    skin = _now(Expression(), moves)

    assert not _changed(skin).any()
    assert skin.hole is None


@pytest.mark.parametrize("moves", [Moves.FACE, Moves.EYES_BEHIND, Moves.FILM])
def test_a_blink_changes_the_eyes_only(moves: Moves) -> None:
    skin = _now(SHUT, moves)

    assert _changed(skin)[EYES].mean() > 0.3
    assert not _changed(skin)[~EYES].any()
    assert skin.hole is None


def test_a_shut_lid_is_skin_from_below_the_eye_with_the_lashes_at_its_edge() -> None:
    skin = _now(SHUT)

    middle = np.abs(np.abs(X) - EYE_X) < 0.5
    assert skin.y[middle & (np.abs(Y) < 0.2)].min() > LID_SHUT
    at_the_edge = middle & (Y > LID_SHUT - 0.15) & (LID_SHUT - 0.05 > Y)
    assert np.abs(skin.y[at_the_edge] - LID_ABOVE).max() < 0.3


def test_brows_stay_where_they_are() -> None:
    assert not _changed(_now(SHUT))[Y < LID_ABOVE].any()


def test_lids_come_down_little_by_little() -> None:
    moved = [_changed(_now(Expression(eyes_shut=shut))).sum() for shut in (0.2, 0.6, 1.0)]

    assert 0 < moved[0] < moved[1] < moved[2]


@pytest.mark.parametrize("moves", [Moves.FACE, Moves.FILM])
def test_an_open_mouth_changes_the_lower_face_only(moves: Moves) -> None:
    skin = _now(OPEN, moves)

    assert skin.hole is not None
    assert _changed(skin)[LOWER_FACE].mean() > 0.5
    assert not _changed(skin)[~LOWER_FACE].any()
    assert skin.hole[~LOWER_FACE].max() == 0


def test_a_mouth_opens_below_the_lips_as_far_as_the_jaw_drops() -> None:
    hole = _now(OPEN).hole

    assert hole is not None
    middle = hole[:, np.argmin(np.abs(X[0]))] > 0.5
    assert Y[:, 0][middle].min() == pytest.approx(MOUTH_Y, abs=0.5)
    assert Y[:, 0][middle].max() == pytest.approx(MOUTH_Y + MOUTH_DROPS, abs=0.5)
    assert (hole.min(), hole.max()) == (0, 1)


def test_the_lower_lip_goes_down_with_the_jaw() -> None:
    skin = _now(OPEN)

    at_the_chin = (np.abs(X) < 0.1) & (np.abs(Y - 12) < 0.1)
    assert (Y - skin.y)[at_the_chin].mean() == pytest.approx(MOUTH_DROPS, abs=0.05)


def test_a_print_does_not_move() -> None:
    assert not _changed(_now(BOTH, Moves.NOTHING)).any()
    assert _now(BOTH, Moves.NOTHING).hole is None


def test_behind_holes_no_mouth_opens() -> None:
    skin = _now(BOTH, Moves.EYES_BEHIND)

    assert skin.hole is None
    assert not _changed(skin)[~EYES].any()


def test_a_filmed_head_turns_in_the_picture_only_on_a_film() -> None:
    turning = Expression(film_yaw_deg=20)

    film = _now(turning, Moves.FILM)

    nose = (np.abs(X) < 0.2) & (np.abs(Y - 4.2) < 0.2)
    # What is nearest moves most to the right: so each point shows what was at its left.
    assert (X - film.x)[nose].mean() > (X - film.x)[np.abs(X) > 6].mean() + 1
    assert not _changed(_now(turning, Moves.FACE)).any()
