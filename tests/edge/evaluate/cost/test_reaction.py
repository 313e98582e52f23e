"""How soon a face is seen and let go, in made-up rows of frames."""

from __future__ import annotations

import numpy as np

from edge.evaluate.cost.footage import Reel
from edge.evaluate.cost.reaction import AFTER, BEFORE, THERE, Reaction, coming_and_going, reaction_of
from firmware.frame import UNKNOWN_LIGHT, frame_from_bgr


def test_frames_are_counted_from_the_coming_and_from_the_going() -> None:
    at_once = [False] * BEFORE + [True] * THERE + [False] * AFTER
    late = [False] * (BEFORE + 4) + [True] * (THERE - 4 + 3) + [False] * (AFTER - 3)

    assert reaction_of(at_once, 30.0) == Reaction(0, 0, 30.0)
    assert reaction_of(late, 30.0) == Reaction(4, 3, 30.0)
    assert reaction_of([False] * len(late), 30.0).seen_after is None


def test_the_face_comes_after_grey_frames_in_the_rhythm_of_its_clip() -> None:
    clip = Reel("clip", tuple(frame_from_bgr(np.full((4, 6, 3), at, np.uint8), 40 * at, at, UNKNOWN_LIGHT) for at in range(5)))

    frames = coming_and_going(clip).frames

    assert len(frames) == BEFORE + THERE + AFTER
    assert [frame.captured_ns for frame in frames[:3]] == [0, 40, 80]
    assert [int(frame.bgr[0, 0, 0]) for frame in frames[BEFORE : BEFORE + 6]] == [0, 1, 2, 3, 4, 0]
    assert {int(frame.luma.max()) for frame in (*frames[:BEFORE], *frames[-AFTER:])} == {110}
