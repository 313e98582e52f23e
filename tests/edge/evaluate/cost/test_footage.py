"""An endless stream of frames in memory, and what each of them costs: a made-up clip and a made-up clock."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from edge.evaluate.cost.footage import Handing, Reel
from firmware.frame import UNKNOWN_LIGHT, frame_from_bgr

REEL = Reel("made up", tuple(frame_from_bgr(np.full((4, 4, 3), at, np.uint8), 40 * at, at, UNKNOWN_LIGHT) for at in range(3)))


def test_time_goes_on_where_the_clip_begins_again() -> None:
    frames = [REEL.frame(number) for number in range(8)]

    assert [int(frame.bgr[0, 0, 0]) for frame in frames] == [0, 1, 2, 0, 1, 2, 0, 1]
    assert {later.captured_ns - one.captured_ns for one, later in pairwise(frames)} == {40}
    assert [frame.sequence for frame in frames] == list(range(8))


def test_each_frame_is_charged_from_being_handed_out_to_the_next_being_asked_for() -> None:
    clock = [0]
    handing = Handing(REEL, 1, 10, lambda: clock[0])

    taken = []
    for frame in handing:
        taken.append(frame.sequence)
        clock[0] += 5 * frame.sequence
        if frame.sequence == 4:
            break
    clock[0] += 100

    assert taken == [1, 2, 3, 4]
    assert handing.frame_ns(clock[0]) == (5, 10, 15, 120)


def test_the_stream_ends_after_the_frames_that_were_asked_for() -> None:
    handing = Handing(REEL, 0, 5, lambda: 0)

    assert len(list(handing)) == 5
    assert handing.frame_ns(9) == (0, 0, 0, 0, 0)
