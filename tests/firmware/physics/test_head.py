"""A head is a head: the tip of the nose stands out most, both halves are alike, and lengths do what they say."""

from dataclasses import replace

import numpy as np
import pytest

from firmware.twin.physics.head import BEHIND, EYE_X, MOUTH_Y, HeadShape, height_of
from firmware.twin.physics.optics import Grid

ACROSS, DOWN = np.linspace(-10, 10, 201, dtype=np.float32), np.linspace(-14, 17, 311, dtype=np.float32)


def _height(shape: HeadShape) -> Grid:
    x, y = np.meshgrid(ACROSS, DOWN)
    return height_of(shape, x, y)


def _at(shape: HeadShape, x: float, y: float) -> float:
    return float(height_of(shape, np.array([[x]], dtype=np.float32), np.array([[y]], dtype=np.float32))[0, 0])


SHAPES = (
    HeadShape(),
    HeadShape(half_width=6.8, half_height=12.8, half_depth=7.6, nose=1.3, nose_width=1.0, nose_length=4.8, relief=1.25),
    HeadShape(
        half_width=8.4, half_height=10.8, half_depth=10.2, nose=2.7, nose_width=2.0, nose_length=3.8, relief=0.0, bridge=1.3
    ),
)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_tip_of_the_nose_stands_out_most(shape: HeadShape) -> None:
    height = _height(shape)

    row, column = np.unravel_index(np.argmax(height), height.shape)
    assert abs(ACROSS[column]) < 0.15
    assert DOWN[row] == pytest.approx(shape.nose_length, abs=0.6)


@pytest.mark.parametrize("shape", SHAPES)
def test_both_halves_are_alike(shape: HeadShape) -> None:
    height = _height(shape)

    assert np.allclose(height, height[:, ::-1], atol=1e-4)


def test_a_head_is_smooth_between_the_eyes_and_ends_behind() -> None:
    height = _height(HeadShape())

    assert height.min() == BEHIND
    assert height[0, 0] == height[-1, -1] == BEHIND
    assert np.isfinite(height).all()
    assert abs(_at(HeadShape(), 0, 0)) < 1


def test_a_longer_nose_stands_out_by_its_length() -> None:
    long, short = replace(HeadShape(), nose=2.6), replace(HeadShape(), nose=1.6)

    assert _at(long, 0, 4.3) - _at(short, 0, 4.3) == pytest.approx(1.0, abs=1e-3)
    assert _at(long, 4, 4.3) == pytest.approx(_at(short, 4, 4.3), abs=1e-3)


def test_a_wider_bridge_stands_out_between_the_eyes_and_not_at_the_wings() -> None:
    wide, narrow = replace(HeadShape(), bridge=1.3), replace(HeadShape(), bridge=0.55)

    assert _at(wide, 0.8, 1.0) > _at(narrow, 0.8, 1.0) + 0.1
    assert _at(wide, 1.0, 4.3) == pytest.approx(_at(narrow, 1.0, 4.3), abs=1e-3)


def test_eyes_lie_deep_and_lips_stand_out() -> None:
    egg, face = replace(HeadShape(), relief=0.0), HeadShape()

    # The ball of the eye fills the socket in part; the socket is deepest beside it.
    assert _at(face, 3.0, 1.0) < _at(egg, 3.0, 1.0) - 0.1
    assert _at(face, EYE_X, 0.0) < _at(egg, EYE_X, 0.0)
    assert _at(face, 0, MOUTH_Y) > _at(egg, 0, MOUTH_Y) + 0.3


def test_a_wider_head_is_wider() -> None:
    wide, narrow = replace(HeadShape(), half_width=8.0), replace(HeadShape(), half_width=6.8)

    assert (_height(wide) > BEHIND).sum() > 1.1 * (_height(narrow) > BEHIND).sum()
