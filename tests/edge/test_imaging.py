"""Geometry and sharpness on pixels, where the right answer can be worked out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.flow import Box
from edge.imaging import (
    apply_map,
    cielab,
    crop_resized,
    mirrored_jpeg,
    pad_around,
    pad_to_multiple,
    region_around,
    sharpness,
    shrink,
    shrink_by_whole,
    similarity_map,
    warp,
)
from tests.edge.footage import blurred, shaken

NOISE = np.random.default_rng(1).integers(0, 256, (112, 112), dtype=np.uint8)


def gradient(height: int, width: int) -> NDArray[np.uint8]:
    """A picture whose blue is the column and whose green is the row."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([columns % 256, rows % 256, np.zeros_like(rows)], axis=2).astype(np.uint8)


SIZES = pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 5000), (5000, 1), (720, 1280), (480, 513), (320, 200)])


@SIZES
def test_a_shrunk_picture_is_small_enough_and_knows_its_factor(height: int, width: int) -> None:
    shrunk = shrink(np.zeros((height, width, 3), dtype=np.uint8), 320)

    assert max(shrunk.pixels.shape[:2]) == min(320, max(height, width))
    assert min(shrunk.pixels.shape[:2]) >= 1
    assert shrunk.factor == pytest.approx(min(1.0, 320 / max(height, width)))


@SIZES
def test_a_picture_shrunk_by_a_whole_number_shows_all_but_the_last_pixels(height: int, width: int) -> None:
    small = shrink_by_whole(np.full((height, width, 3), 77, np.uint8), 320)

    by = round(1 / small.factor)
    assert small.factor == 1 / by
    assert by == 1 or 213 <= max(small.pixels.shape[:2]) <= 480
    assert small.pixels.shape[:2] == (max(1, height // by), max(1, width // by))
    assert (small.pixels == 77).all()


@pytest.mark.parametrize("about_px", [64, 80, 107, 160])
def test_halving_shrinks_as_one_step_does_but_for_rounding(about_px: int) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    by = round(320 / about_px)
    means = noise[: 240 // by * by, : 320 // by * by].reshape(240 // by, by, 320 // by, by, 3).mean(axis=(1, 3))

    assert np.abs(shrink_by_whole(noise, about_px).pixels - means).max() <= 1


@pytest.mark.parametrize(("height", "width"), [(400, 400), (401, 403), (330, 900)])
def test_a_crop_that_shrinks_much_holds_the_means_of_what_lies_in_it(height: int, width: int) -> None:
    across, down = np.arange(width)[None] * 100 // width, np.arange(height)[:, None] * 100 // height
    ramp = (across + down + np.random.default_rng(3).integers(0, 40, (height, width))).astype(np.uint8)

    crop = crop_resized(ramp, Box(0, 0, width, height), 40).astype(float)

    for axis in (0, 1):
        parts = [part.mean() for part in np.array_split(ramp.astype(float), 40, axis=1 - axis)]
        assert np.abs(crop.mean(axis=axis) - parts).max() < 4


@pytest.mark.parametrize("side", [10.0, 96.0, 97.0, 200.0, 400.0, 700.0])
@pytest.mark.parametrize("centre", [(0.0, 0.0), (320.0, 240.0), (639.0, 10.0), (-30.0, 500.0)])
def test_a_region_shows_what_lies_in_it_in_its_own_shape(centre: tuple[float, float], side: float) -> None:
    ramp = np.zeros((480, 640, 3), np.uint8)
    ramp[:, :, 0], ramp[:, :, 1] = np.arange(640) * 255 // 640, (np.arange(480) * 255 // 480)[:, None]

    region = region_around(ramp, centre, side, 96)

    by = round(1 / region.factor)
    assert region.factor == 1 / by
    assert by < 5 or by % 2 == 0
    assert region.pixels.shape == (min(96, 480 // by), min(96, 640 // by), 3)
    row, column = 5, 9
    assert region.pixels[row, column, 0] == pytest.approx((region.left_px + (column + 0.5) * by) * 255 / 640, abs=1.5)
    assert region.pixels[row, column, 1] == pytest.approx((region.top_px + (row + 0.5) * by) * 255 / 480, abs=1.5)
    # Where the picture is large enough, the square holds the place it was asked for, moved into the picture.
    for middle, begin, length in zip(centre, (region.left_px, region.top_px), (640, 480), strict=True):
        assert begin <= min(max(middle, 0.0), length - 1) <= begin + 96 * by
        assert begin >= 0


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 700), (50, 60), (97, 95)])
def test_a_region_of_a_picture_smaller_than_it_is_all_that_shrinks_by_a_whole_number(height: int, width: int) -> None:
    region = region_around(np.full((height, width, 3), 200, np.uint8), (width / 2, height / 2), 150, 96)

    by = round(1 / region.factor)
    assert region.pixels.shape == (min(96, height // by), min(96, width // by), 3)
    assert set(np.unique(region.pixels)) == {200}


def test_cielab_is_that_of_the_standard() -> None:
    """White, mid grey, and the primaries of sRGB under D65, as CIE 15:2004 and IEC 61966-2-1 have them."""
    colours = np.array([[[255, 255, 255], [119, 119, 119], [0, 0, 255], [0, 255, 0], [255, 0, 0], [0, 0, 0]]], np.uint8)

    assert cielab(colours)[0] == pytest.approx(
        np.array([[100, 0, 0], [50.03, 0, 0], [53.24, 80.09, 67.20], [87.73, -86.18, 83.18], [32.30, 79.19, -107.86], [0, 0, 0]]),
        abs=0.05,
    )


@given(height=st.integers(1, 100), width=st.integers(1, 100))
def test_padding_to_multiples_adds_black_at_right_and_bottom_only(height: int, width: int) -> None:
    picture = np.full((height, width, 3), 200, dtype=np.uint8)

    padded = pad_to_multiple(picture, 32)

    assert padded.shape[0] % 32 == padded.shape[1] % 32 == 0
    assert np.array_equal(padded[:height, :width], picture)
    assert padded.sum() == picture.sum()


def test_a_margin_is_grey_and_tells_its_width() -> None:
    padded, margin = pad_around(np.zeros((10, 20, 3), dtype=np.uint8), 0.5)

    assert margin == 10
    assert padded.shape == (30, 40, 3)
    assert set(np.unique(padded)) == {0, 127}


boxes = st.builds(
    Box,
    left_px=st.floats(-300, 300),
    top_px=st.floats(-300, 300),
    width_px=st.floats(0.01, 400),
    height_px=st.floats(0.01, 400),
)


@given(box=boxes)
def test_any_box_can_be_cut_out_wherever_it_lies(box: Box) -> None:
    assert crop_resized(gradient(60, 80), box, 48).shape == (48, 48, 3)


def test_a_cut_shows_what_lies_in_the_box() -> None:
    cut = crop_resized(gradient(200, 200), Box(100, 40, 50, 50), 50)

    assert tuple(cut[0, 0, :2]) == (100, 40)
    assert tuple(cut[-1, -1, :2]) == (149, 89)


@given(angle_deg=st.floats(-180, 180), scale=st.floats(0.1, 10), x_px=st.floats(-500, 500), y_px=st.floats(-500, 500))
def test_the_map_between_two_figures_of_one_shape_is_found_exactly(
    angle_deg: float, scale: float, x_px: float, y_px: float
) -> None:
    source = np.array([[30, 50], [70, 50], [50, 70], [35, 90], [65, 90]], dtype=np.float32)
    angle = np.radians(angle_deg)
    spin = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = (source @ spin.T + (x_px, y_px)).astype(np.float32)

    assert apply_map(similarity_map(source, target), source) == pytest.approx(target, abs=0.01 * max(1.0, scale))


def test_a_figure_is_never_mirrored() -> None:
    source = np.array([[30, 50], [70, 50], [50, 70], [35, 90], [65, 90]], dtype=np.float32)
    mirrored = source * (-1, 1) + (100, 0)

    linear = similarity_map(source, mirrored.astype(np.float32))[:, :2]

    assert np.linalg.det(linear) > 0


def test_points_in_one_place_map_without_dividing_by_zero() -> None:
    points = np.full((5, 2), 7, dtype=np.float32)

    assert np.isfinite(similarity_map(points, points)).all()


def test_what_lies_outside_the_frame_is_black() -> None:
    away = np.array([[1.0, 0.0, 1000.0], [0.0, 1.0, 1000.0]])

    assert warp(gradient(50, 50), away, 20).sum() == 0


def test_noise_is_sharp_and_a_plain_wall_is_not() -> None:
    assert sharpness(NOISE) > 1.0
    assert sharpness(np.full((112, 112), 90, dtype=np.uint8)) == 0.0


@pytest.mark.parametrize("gain", [0.3, 0.7])
def test_sharpness_does_not_depend_on_the_light(gain: float) -> None:
    darker = (NOISE * gain).astype(np.uint8)

    assert sharpness(darker) == pytest.approx(sharpness(NOISE), rel=0.1)


@pytest.mark.parametrize("along", ["x", "y"])
def test_a_shake_along_either_axis_takes_the_sharpness_away(along: str) -> None:
    assert sharpness(shaken(9, along)(NOISE)) < 0.25 * sharpness(NOISE)


def test_softer_is_less_sharp() -> None:
    steps = [sharpness(blurred(sigma)(NOISE)) for sigma in (0.3, 0.6, 1, 2, 4)]

    assert steps == sorted(steps, reverse=True)


def test_a_mirrored_jpeg_is_small_and_shows_left_as_right() -> None:
    frame = np.zeros((720, 1280, 3), np.uint8)
    frame[:, :640] = (0, 0, 255)

    jpeg = mirrored_jpeg(frame, 320)

    shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (180, 320, 3)
    assert shown[90, 300].tolist() == pytest.approx([0, 0, 255], abs=8)
    assert shown[90, 20].tolist() == pytest.approx([0, 0, 0], abs=8)
    assert len(jpeg) < 6_000
    tall = cv2.imdecode(np.frombuffer(mirrored_jpeg(np.zeros((960, 544, 3), np.uint8), 320), np.uint8), cv2.IMREAD_COLOR)
    assert tall.shape[0] > tall.shape[1] >= 250
