"""Dark glasses and reflections, on made-up eyes of which it is known what hides them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.engine import Engine
from edge.evaluate.guidance.bench import judge
from edge.stages.eye_region import eye_region
from firmware.picture import read_picture
from tests.edge.footage import portraits
from wire.reasons import Reason

SKIN = 140
POINTS = np.array([[100, 80], [160, 80], [130, 110], [110, 140], [150, 140]], np.float32)
Pixels = NDArray[np.uint8]


def face(skin: int = SKIN) -> Pixels:
    """Skin with two eyes: lids, a white and an iris."""
    luma = np.full((240, 260), skin, np.uint8)
    for x, y in POINTS[:2].astype(int):
        luma[y - 4 : y + 4, x - 10 : x + 10] = round(1.15 * skin)
        luma[y - 4 : y + 4, x - 4 : x + 4] = round(0.3 * skin)
    return luma


def with_lenses(level: int, skin: int = SKIN) -> Pixels:
    """The same behind glass of this luma."""
    luma = face(skin)
    for x, y in POINTS[:2].astype(int):
        luma[y - 16 : y + 18, x - 24 : x + 24] = level
    return luma


def test_bare_eyes_are_seen_whatever_the_skin() -> None:
    for skin in (50, 90, 140, 200):
        seen = eye_region(face(skin), POINTS)
        assert seen.visible > 0.8
        assert seen.hidden == 0.0


@pytest.mark.parametrize("level", [10, 50, 90])
def test_eyes_behind_dark_or_tinted_glass_are_not_seen(level: int) -> None:
    assert eye_region(with_lenses(level), POINTS).visible < 0.4


def test_one_eye_that_is_seen_is_enough() -> None:
    luma = with_lenses(20)
    luma[:, 130:] = face()[:, 130:]

    assert eye_region(luma, POINTS).visible > 0.8


def test_a_reflection_hides_so_much_of_the_worse_eye() -> None:
    luma = face()
    luma[76:84, 92:108] = 250

    seen = eye_region(luma, POINTS)

    # 16 by 8 px of the frame are 10.2 by 5.1 of the crop, in which an eye has 19 by 13.
    assert seen.hidden == pytest.approx(10.2 * 5.1 / (19 * 13), abs=0.03)
    assert eye_region(np.ascontiguousarray(luma[:, ::-1]), POINTS_MIRRORED).hidden == pytest.approx(seen.hidden, abs=0.05)


POINTS_MIRRORED = np.array([[259 - x, y] for x, y in POINTS[[1, 0, 2, 4, 3]]], np.float32)


def test_bright_skin_is_no_reflection() -> None:
    assert eye_region(np.full((240, 260), 250, np.uint8), POINTS).hidden == 0.0


@pytest.mark.parametrize("points", [np.zeros((5, 2), np.float32), POINTS + np.float32(5000)], ids=["one point", "far outside"])
def test_points_that_mean_nothing_do_no_harm(points: NDArray[np.float32]) -> None:
    seen = eye_region(face(), points)

    assert np.isfinite((seen.visible, seen.hidden)).all()


@pytest.mark.weights
@pytest.mark.footage
def test_clean_portraits_hide_no_eyes(footage_dir: Path, engine: Engine) -> None:
    for photo, _ in zip(portraits(footage_dir, 60), range(15), strict=False):
        assert not {Reason.SUNGLASSES, Reason.GLASSES_GLARE} & set(judge(read_picture(photo), engine))
