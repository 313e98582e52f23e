"""Bytes that leave a frame, counted on a made-up one."""

from __future__ import annotations

import numpy as np

from edge.evaluate.cost.copies import CAPTURE_ARRAY_BYTES, Copied, CopyCounter
from edge.evaluate.cost.counters import moved_of
from edge.flow import Box
from edge.imaging import crop_resized, pad_to_multiple, shrink, warp
from firmware.frame import UNKNOWN_LIGHT, Frame, frame_from_bgr


def blank(number: int = 0) -> Frame:
    return frame_from_bgr(np.zeros((240, 320, 3), np.uint8), number, number, UNKNOWN_LIGHT)


def test_pictures_made_of_a_frame_are_counted_by_their_bytes() -> None:
    frame = blank()

    with CopyCounter() as counter:
        counter.begin(frame)
        shrink(frame.bgr, 160)
        crop_resized(frame.luma, Box(10, 10, 50, 50), 80)
        warp(frame.bgr, np.array([[1.0, 0, 0], [0, 1.0, 0]]), 112)

    assert counter.counted == [Copied(whole=120 * 160 * 3, crops=80 * 80 + 112 * 112 * 3)]


def test_what_is_not_copied_and_what_is_made_of_something_else_count_nothing() -> None:
    frame = blank()

    with CopyCounter() as counter:
        counter.begin(frame)
        small = shrink(frame.bgr, 320).pixels
        pad_to_multiple(small[:, :96], 32)
        crop_resized(np.zeros((50, 50, 3), np.uint8), Box(0, 0, 50, 50), 80)

    assert counter.counted == [Copied(0, 256 * 96 * 3)]  # 240 rows are padded to 256: a copy of a view of the frame


def test_each_frame_has_its_own_count_and_nothing_is_counted_outside() -> None:
    frames = [blank(number) for number in range(3)]

    shrink(frames[0].bgr, 100)
    with CopyCounter() as counter:
        shrink(frames[0].bgr, 100)
        for frame in frames:
            counter.begin(frame)
            if frame.sequence == 1:
                shrink(frame.bgr, 160)
    shrink(frames[2].bgr, 100)

    assert [one.together for one in counter.counted] == [0, 120 * 160 * 3, 0]


def test_the_figures_are_per_frame_and_against_a_copy_of_a_large_one() -> None:
    moved = moved_of([Copied(20_000, 10_000), Copied(0, 0), Copied(0, 0)], 3)

    assert (moved.per_frame, moved.untouched_share) == (10_000, 2 / 3)
    assert moved.times_fewer == CAPTURE_ARRAY_BYTES / 10_000
    assert moved.whole_times_fewer == CAPTURE_ARRAY_BYTES / (20_000 / 3)
    assert moved_of([Copied(0, 0)], 1).times_fewer is moved_of([Copied(0, 9)], 1).whole_times_fewer is None
