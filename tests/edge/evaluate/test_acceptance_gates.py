"""A matcher that does not repeat itself, that a small slip throws off, or that takes too long is found out."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import count

import numpy as np
import pytest

from edge.evaluate.acceptance_gates import SLIP_SHARE, PlacedFace, compare_speed, measure_steadiness
from tests.edge.evaluate.embedders import PlacedEmbedder

EYES_APART_PX = 40


def face(x_px: float = 30.0, width_px: int = 200) -> PlacedFace:
    bgr = np.zeros((150, width_px, 3), dtype=np.uint8)
    bgr[:, :10] = 255
    across = np.array([0, EYES_APART_PX, EYES_APART_PX / 2, 5, 35]) + x_px
    return PlacedFace(bgr, np.stack([across, [50, 50, 75, 100, 100]], axis=1).astype(np.float32))


def test_a_face_in_the_mirror_has_its_points_in_order_again() -> None:
    plain, mirrored = face(), face().mirrored

    assert mirrored.bgr[0, -1].tolist() == [255, 255, 255]
    assert mirrored.points[0, 0] < mirrored.points[1, 0]
    assert mirrored.points[3, 0] < mirrored.points[4, 0]
    assert mirrored.mirrored.points.tolist() == plain.points.tolist()
    assert mirrored.mirrored.bgr.tobytes() == plain.bgr.tobytes()


def test_a_shift_is_a_share_of_the_distance_of_the_eyes() -> None:
    moved = face().shifted.points - face().points

    assert moved == pytest.approx(np.full((5, 2), SLIP_SHARE * EYES_APART_PX))


def test_a_steady_embedder_hardly_turns() -> None:
    found = measure_steadiness(PlacedEmbedder(), [face(), face(60)])

    assert (found.faces, found.repeats) == (2, True)
    assert found.mirrored == pytest.approx(1.0)
    assert 0.99 < found.shifted < 1.0


def test_an_embedder_that_a_shift_throws_off_is_told() -> None:
    # The points move by 2 px to the right, away from the middle, and 2 px down: 4 px at an eighth of a circle each.
    found = measure_steadiness(PlacedEmbedder(turn_per_px=math.pi / 4), [face(80)])

    assert found.shifted == pytest.approx(-1.0)
    assert found.mirrored == pytest.approx(1.0)


def test_an_embedder_that_never_says_the_same_twice_is_told() -> None:
    numbers = count()

    found = measure_steadiness(PlacedEmbedder(slip=lambda: next(numbers) * 1e-6), [face()])

    assert found.repeats is False


def test_one_odd_face_in_a_hundred_does_not_hide_the_others_and_ten_do_count() -> None:
    def odd(of_every: int) -> Callable[[], float]:
        numbers = count()
        # The first two rounds embed the faces as they are; the third sees the mirror images.
        return lambda: math.pi if (place := next(numbers)) >= 200 and place % of_every == 0 else 0.0

    rare = measure_steadiness(PlacedEmbedder(slip=odd(100)), [face()] * 100)
    often = measure_steadiness(PlacedEmbedder(slip=odd(10)), [face()] * 100)

    assert rare.mirrored == pytest.approx(1.0)
    assert often.mirrored == pytest.approx(-1.0)


class Clock:
    """Computing time that passes only when an embedder works."""

    def __init__(self) -> None:
        self.now_ns = 0

    def spending(self, ns: int) -> Callable[[], None]:
        def spend() -> None:
            self.now_ns += ns

        return spend


def test_speed_is_the_ratio_of_what_each_of_them_spends() -> None:
    clock = Clock()
    slow, fast = PlacedEmbedder(after=clock.spending(9_000_000)), PlacedEmbedder(after=clock.spending(2_000_000))

    speed = compare_speed(slow, fast, [face(), face(60)], rounds=3, spent_ns=lambda: clock.now_ns)

    assert (speed.candidate_ms, speed.default_ms) == (9.0, 2.0)
    assert speed.ratio == 4.5
    assert (slow.stills, fast.stills) == (7, 7)


def test_whoever_goes_first_changes_with_the_round() -> None:
    went: list[str] = []
    one, other = PlacedEmbedder(after=lambda: went.append("one")), PlacedEmbedder(after=lambda: went.append("other"))
    numbers = count(1)

    compare_speed(one, other, [face()], rounds=2, spent_ns=lambda: next(numbers))

    assert went == ["one", "other", "one", "other", "other", "one"]
