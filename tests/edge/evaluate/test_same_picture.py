"""The same picture is known again by its pixels, however it was saved; two faces of noise are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.evaluate.same_picture import LIMIT, SIDE, find_same_pictures, trace
from edge.imaging import Pixels

POINTS = np.array([[100, 100], [160, 104], [128, 140], [104, 168], [152, 170]], dtype=np.float32)
_OTHER_SIDE = [1, 0, 2, 4, 3]


def face(seed: int) -> Pixels:
    """Soft blobs, as different from those of another seed as chance makes them."""
    coarse = np.random.default_rng(seed).uniform(30, 220, (22, 22, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (256, 256), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def saved(bgr: Pixels, quality: int) -> Pixels:
    packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), dtype=np.uint8)


def mirrored_points() -> np.ndarray:
    points = POINTS[_OTHER_SIDE].copy()
    points[:, 0] = 255 - points[:, 0]
    return points


COPIES = {
    "saved badly": (saved(face(1), 30), POINTS),
    "smaller": (np.asarray(cv2.resize(face(1), (128, 128), interpolation=cv2.INTER_AREA), dtype=np.uint8), POINTS / 2 - 0.25),
    "darker": ((face(1) * 0.5 + 20).astype(np.uint8), POINTS),
    "grey": (np.asarray(cv2.cvtColor(cv2.cvtColor(face(1), cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), dtype=np.uint8), POINTS),
    "lit from the left": (np.clip(face(1) * np.linspace(1.2, 0.8, 256)[None, :, None], 0, 255).astype(np.uint8), POINTS),
    "points a little off": (face(1), POINTS + np.float32(1.0)),
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_is_found(how: str) -> None:
    bgr, points = COPIES[how]

    found = find_same_pictures([trace(face(1), POINTS), trace(bgr, points)])

    assert [(pair.one, pair.other, pair.mirrored) for pair in found] == [(0, 1, False)]


def test_a_mirrored_copy_is_found_and_said_to_be_one() -> None:
    flipped = np.ascontiguousarray(face(1)[:, ::-1])

    found = find_same_pictures([trace(face(1), POINTS), trace(flipped, mirrored_points())])

    assert [(pair.one, pair.other, pair.mirrored) for pair in found] == [(0, 1, True)]


def test_other_pictures_are_not_found() -> None:
    assert find_same_pictures([trace(face(seed), POINTS) for seed in range(40)]) == ()


def test_an_even_surface_resembles_nothing() -> None:
    grey = np.full((256, 256, 3), 128, dtype=np.uint8)

    assert find_same_pictures([trace(grey, POINTS), trace(grey, POINTS)]) == ()


def test_many_copies_of_one_picture_make_a_chain() -> None:
    pictures = [trace(face(seed), POINTS) for seed in (1, 2, 1, 1, 2)]

    found = find_same_pictures(pictures)

    assert {(pair.one, pair.other) for pair in found} == {(0, 2), (0, 3), (1, 4)}
    assert all(pair.correlation == pytest.approx(1, abs=1e-5) for pair in found)


def test_copies_far_apart_in_the_list_are_found() -> None:
    dice = np.random.default_rng(5)
    rows = dice.normal(size=(1300, SIDE * SIDE)).astype(np.float32)
    rows[1299] = rows[3]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)

    found = find_same_pictures(list(rows))

    assert [(pair.one, pair.other) for pair in found] == [(3, 1299)]
    assert found[0].correlation >= LIMIT
