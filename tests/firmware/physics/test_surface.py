"""A photo is laid over the plane so that eyes and mouth come to their places, however it was taken."""

import numpy as np
import pytest

from firmware.twin.physics.head import EYE_X, MOUTH_Y
from firmware.twin.physics.optics import Grid
from firmware.twin.physics.surface import TONE, Photo, brightness_of, plane, reflectance_of, texture_of
from tests.firmware.builders import Pixels

COLOURS = ((255, 0, 0), (0, 0, 255), (0, 255, 0))
"""Of the eye at the left, the other eye, and the middle of the mouth."""


def _photo(points: list[tuple[float, float]]) -> Photo:
    """Black, with a spot of another colour on each eye and between the corners of the mouth."""
    pixels = np.zeros((600, 600, 3), dtype=np.uint8)
    placed = np.array(points, dtype=np.float32) + 150
    for (column, row), colour in zip((placed[0], placed[1], (placed[3] + placed[4]) / 2), COLOURS, strict=True):
        rows, columns = np.ogrid[:600, :600]
        pixels[(rows - row) ** 2 + (columns - column) ** 2 <= 16] = colour
    return Photo(pixels, placed)


def _middle(channel: Grid) -> tuple[float, float]:
    x, y = plane()
    weights = np.clip(channel - 0.1, 0, None)
    return float((x * weights).sum() / weights.sum()), float((y * weights).sum() / weights.sum())


UPRIGHT = [(110.0, 120.0), (190.0, 120.0), (150.0, 160.0), (130.0, 200.0), (170.0, 200.0)]
SMALL = [(140.0, 140.0), (172.0, 140.0), (156.0, 156.0), (148.0, 170.0), (164.0, 170.0)]
TILTED = [(120.0, 190.0), (120.0, 110.0), (160.0, 150.0), (200.0, 170.0), (200.0, 130.0)]
SLANTED = [(109.4, 128.8), (178.6, 88.8), (164.0, 143.4), (166.7, 188.1), (201.3, 168.1)]


@pytest.mark.parametrize("points", [UPRIGHT, SMALL, TILTED, SLANTED], ids=["upright", "small", "lying", "slanted"])
def test_eyes_and_mouth_come_to_their_places(points: list[tuple[float, float]]) -> None:
    blue, green, red = np.moveaxis(texture_of(_photo(points)), 2, 0)

    assert _middle(blue) == pytest.approx((-EYE_X, 0), abs=0.15)
    assert _middle(red) == pytest.approx((EYE_X, 0), abs=0.15)
    assert _middle(green) == pytest.approx((0, MOUTH_Y), abs=0.3)


def _grey(level: int) -> Photo:
    pixels: Pixels = np.full((300, 300, 3), level, dtype=np.uint8)
    return Photo(pixels, np.array(UPRIGHT, dtype=np.float32))


@pytest.mark.parametrize(("level", "linear"), [(128, (128 / 255) ** TONE), (255, 1.0), (0, 0.004)])
def test_a_texture_is_linear_and_never_quite_black(level: int, linear: float) -> None:
    texture = texture_of(_grey(level))

    assert texture.shape == (*plane()[0].shape, 3)
    assert np.allclose(texture, linear, atol=1e-4)


def test_a_texture_goes_on_beyond_the_photo() -> None:
    close = Photo(np.full((20, 30, 3), 128, dtype=np.uint8), np.array(UPRIGHT, dtype=np.float32) / 10)

    assert np.allclose(texture_of(close), (128 / 255) ** TONE, atol=1e-4)


def test_near_infrared_is_the_fourth_channel() -> None:
    visible, infrared = np.full((2, 3, 3), 0.2, dtype=np.float32), np.full((2, 3), 0.7, dtype=np.float32)

    reflectance = reflectance_of(visible, infrared)

    assert reflectance[0, 0].tolist() == pytest.approx([0.2, 0.2, 0.2, 0.7])


def test_green_counts_most_in_brightness_and_white_is_one() -> None:
    assert brightness_of(np.ones((1, 1, 3), dtype=np.float32))[0, 0] == pytest.approx(1)
    blue, green, red = (float(brightness_of(row.reshape(1, 1, 3))[0, 0]) for row in np.eye(3, dtype=np.float32))
    assert green > red > blue > 0
