"""A plain wall is plain, a crowd is not, and a visitor is neither refused nor graded down for it."""

from __future__ import annotations

import numpy as np
import pytest

from edge.flow import ADVICE, Box, Component
from edge.imaging import Pixels, entropy_bits
from edge.stages.background import clutter
from tests.edge.observations import sample

FACE = Box(260, 180, 120, 150)


def wall(busy: bool) -> Pixels:
    luma = np.full((480, 640), 150, np.uint8)
    if busy:
        luma[:] = np.where(np.arange(640) // 12 % 2, 40, 210)
    luma[140:480, 230:410] = 120
    return np.repeat(luma[..., None], 3, axis=2)


def test_stripes_behind_a_head_are_busier_than_a_wall() -> None:
    assert clutter(wall(busy=False), FACE) < 5 < 20 < clutter(wall(busy=True), FACE)


def test_what_is_below_the_chin_does_not_count() -> None:
    shirt = wall(busy=False)
    shirt[345:, :] = np.where(np.arange(640) // 12 % 2, 40, 210)[:, None]

    assert clutter(shirt, FACE) == pytest.approx(clutter(wall(busy=False), FACE), abs=1)


@pytest.mark.parametrize("box", [Box(0, 0, 639, 479), Box(-50, -50, 700, 600), Box(600, 440, 80, 90)])
def test_a_face_that_fills_the_frame_or_leaves_it_gives_a_number(box: Box) -> None:
    assert np.isfinite(clutter(wall(busy=True), box))


def test_entropy_is_that_of_the_histogram() -> None:
    assert entropy_bits(np.full((8, 8), 7, np.uint8)) == 0
    assert entropy_bits(np.arange(256, dtype=np.uint8).reshape(16, 16)) == pytest.approx(8)
    assert entropy_bits(np.array([[0, 255], [255, 0]], np.uint8)) == pytest.approx(1)


def test_advice_does_not_make_a_shot_worse() -> None:
    graded = sample(0)
    seen = type(graded)(
        graded.track,
        graded.captured_ns,
        graded.detection,
        ((Component.SHARPNESS, 80), *((component, 0) for component in ADVICE)),
        (),
    )

    assert seen.quality == 80
