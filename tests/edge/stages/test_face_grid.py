"""The same cell is the same skin, wherever the face is, however large and tilted; and its light is linear."""

from __future__ import annotations

import numpy as np
import pytest

from edge.imaging import Pixels
from edge.stages.face_grid import (
    AROUND_COLUMNS,
    AROUND_ROWS,
    CELL,
    CLIPPED,
    COLUMNS,
    LEVEL_FACE,
    ROWS,
    TONE,
    TOP,
    across,
    down,
    light_of,
)
from edge.stages.match import Points
from tests.edge.stages.lamplight import Floats

WIDTH_PX, HEIGHT_PX = 320, 240


def skin(x: Floats, y: Floats) -> Floats:
    """Light of a face that differs from place to place."""
    return np.asarray(0.3 + 0.2 * np.sin(3 * x) * np.cos(2 * y))


def points_of(eyes_px: float, tilt_deg: float, middle: tuple[float, float]) -> Points:
    """Five points of a face of this size, tilted clockwise."""
    angle = np.radians(tilt_deg)
    spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(eyes_px * LEVEL_FACE @ spin + middle, dtype=np.float32)


def picture_of(points: Points) -> Pixels:
    """The picture of the skin in which the face has these points."""
    along = (points[1] - points[0]).astype(np.float64)
    y_px, x_px = np.mgrid[:HEIGHT_PX, :WIDTH_PX].astype(np.float64)
    dx, dy = (at - middle for at, middle in zip((x_px, y_px), points[:2].mean(axis=0), strict=True))
    size = along @ along
    light = skin((dx * along[0] + dy * along[1]) / size, (dy * along[0] - dx * along[1]) / size)
    return np.asarray(np.rint(255 * light ** (1 / TONE)), dtype=np.uint8)


FACES = [(70, 0, (160, 90)), (45, 0, (110, 120)), (60, 20, (170, 100)), (60, -25, (150, 100))]


@pytest.mark.parametrize(("eyes_px", "tilt_deg", "middle"), FACES)
def test_a_cell_shows_the_same_skin_wherever_the_face_is(eyes_px: float, tilt_deg: float, middle: tuple[float, float]) -> None:
    points = points_of(eyes_px, tilt_deg, middle)

    seen = light_of(picture_of(points), points)

    assert seen.cells == pytest.approx(skin(across().astype(np.float64), down().astype(np.float64)), abs=0.01)
    assert not seen.clipped.any()


@pytest.mark.parametrize("level", [0, 20, 128, 249])
def test_the_tone_curve_is_taken_back(level: int) -> None:
    picture = np.full((HEIGHT_PX, WIDTH_PX), level, dtype=np.uint8)

    seen = light_of(picture, points_of(60, 0, (160, 90)))

    assert seen.cells == pytest.approx(np.full((ROWS, COLUMNS), (level / 255) ** TONE), abs=1e-6)
    assert seen.around == pytest.approx(np.full((AROUND_ROWS, AROUND_COLUMNS), (level / 255) ** TONE), abs=1e-6)


def test_the_cells_lie_evenly_about_the_middle_between_the_eyes() -> None:
    assert across() == pytest.approx(-across()[:, ::-1], abs=1e-6)
    assert down()[:, 0] == pytest.approx(TOP + CELL * (np.arange(ROWS) + 0.5))
    assert np.diff(across(), axis=1) == pytest.approx(np.full((ROWS, COLUMNS - 1), CELL), abs=1e-6)


def test_a_cell_with_a_glaring_pixel_is_marked_and_no_other() -> None:
    points = points_of(60, 0, (160, 90))
    picture = np.full((HEIGHT_PX, WIDTH_PX), 100, dtype=np.uint8)
    x_px, y_px = round(160 + 60 * float(across()[0, 15])), round(90 + 60 * float(down()[9, 0]))
    picture[y_px - 1 : y_px + 2, x_px - 1 : x_px + 2] = 255

    seen = light_of(picture, points)

    assert np.argwhere(seen.clipped).tolist() == [[9, 15]]


@pytest.mark.parametrize(("level", "clipped"), [(CLIPPED - 1, False), (CLIPPED, True)])
def test_light_is_too_bright_to_tell_from_a_level_on(level: int, clipped: bool) -> None:
    seen = light_of(np.full((HEIGHT_PX, WIDTH_PX), level, dtype=np.uint8), points_of(60, 0, (160, 90)))

    assert seen.clipped.all() == seen.clipped.any() == clipped


def test_what_lies_outside_the_frame_is_dark_and_harms_nothing() -> None:
    picture = np.full((HEIGHT_PX, WIDTH_PX), 200, dtype=np.uint8)

    seen = light_of(picture, points_of(60, 0, (0, 90)))

    assert seen.cells[:, : COLUMNS // 2 - 1].max() == 0
    assert seen.cells[:, COLUMNS // 2 + 1 :].min() == pytest.approx((200 / 255) ** TONE)


def test_the_surroundings_are_those_of_the_whole_frame() -> None:
    picture = np.zeros((HEIGHT_PX, WIDTH_PX), dtype=np.uint8)
    picture[-HEIGHT_PX // AROUND_ROWS :, : WIDTH_PX // AROUND_COLUMNS] = 255

    around = light_of(picture, points_of(60, 0, (160, 90))).around

    assert around.shape == (AROUND_ROWS, AROUND_COLUMNS)
    assert np.argwhere(around > 0.5).tolist() == [[AROUND_ROWS - 1, 0]]


def test_points_that_all_lie_in_one_place_give_finite_light() -> None:
    picture = np.full((HEIGHT_PX, WIDTH_PX), 90, dtype=np.uint8)

    assert np.isfinite(light_of(picture, np.full((5, 2), 50, dtype=np.float32)).cells).all()
