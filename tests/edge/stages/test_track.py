"""Which face is attended to: the same one as long as it can be the same, and a new number whenever it may be another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge.flow import Box, Detection
from edge.stages.track import LOST_AFTER_NS, Tracker
from tests.edge.observations import MS


def face(x_px: float, y_px: float = 100, side_px: float = 100) -> Detection:
    points = np.zeros((5, 2), dtype=np.float32)
    return Detection(Box(x_px, y_px, side_px, side_px), points, 0.9)


def numbers(*frames: tuple[float, tuple[Detection, ...]]) -> list[int | None]:
    """The number attended to at each time in milliseconds."""
    tracker = Tracker()
    tracks = [tracker.follow(tuple(sorted(seen, key=lambda one: -one.box.side_px)), round(at_ms * MS)) for at_ms, seen in frames]
    return [track.id if track else None for track in tracks]


def test_nobody_is_attended_to_where_nobody_is() -> None:
    assert numbers((0, ()), (33, ())) == [None, None]


def test_a_face_that_moves_a_little_keeps_its_number() -> None:
    assert numbers(*((33.0 * n, (face(10.0 * n),)) for n in range(20))) == [1] * 20


def test_a_face_that_jumps_gets_a_new_number() -> None:
    assert numbers((0, (face(0),)), (33, (face(150),)), (66, (face(150),))) == [1, 2, 2]


def test_a_face_that_suddenly_has_another_size_gets_a_new_number() -> None:
    assert numbers((0, (face(100, side_px=100),)), (33, (face(125, 125, side_px=50),))) == [1, 2]


def test_a_face_out_of_sight_for_long_gets_a_new_number_even_in_the_same_place() -> None:
    limit_ms = LOST_AFTER_NS / MS

    assert numbers((0, (face(0),)), (limit_ms, (face(0),))) == [1, 1]
    assert numbers((0, (face(0),)), (100, ()), (limit_ms + 1, (face(0),))) == [1, None, 2]


def test_numbers_are_never_used_again() -> None:
    comings = [(1000.0 * n, (face(0),)) for n in range(50)]

    assert numbers(*comings) == list(range(1, 51))


def test_the_largest_face_is_attended_to_first() -> None:
    track = Tracker().follow((face(200, side_px=120), face(0)), 0)

    assert track is not None
    assert track.detection.box.side_px == 120


def test_a_larger_face_that_comes_later_does_not_take_over_but_counts() -> None:
    tracker = Tracker()
    tracker.follow((face(0),), 0)

    track = tracker.follow((face(200, side_px=150), face(5)), 33 * MS)

    assert track is not None
    assert (track.id, track.others) == (1, 1)
    assert track.detection.box.left_px == 5


@pytest.mark.parametrize(("side_px", "others"), [(49, 0), (50, 1), (100, 1)])
def test_further_faces_count_from_half_the_size(side_px: float, others: int) -> None:
    track = Tracker().follow((face(0), face(200, side_px=side_px)), 0)

    assert track is not None
    assert track.others == others


def test_who_swaps_places_with_a_neighbour_is_not_followed_to_the_other_side() -> None:
    left, right = face(0), face(140, side_px=99)
    swapped = (replace(right, box=Box(0, 100, 99, 99)), replace(left, box=Box(140, 100, 100, 100)))
    tracker = Tracker()
    tracker.follow((left, right), 0)

    track = tracker.follow(swapped, 33 * MS)

    assert track is not None
    assert (track.detection.box.left_px, track.others) == (0, 1)
