"""The face attended to: found everywhere, near its last place, by its landmarks; lost as soon as the detector says so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from edge.schedule import Gaze
from edge.stages.attend import FARTHEST_SHIFT, Attention, Sight
from edge.stages.track import Tracker
from firmware.frame import DARK, Frame, frame_from_bgr
from tests.fakes.networks import Answering, Tensor
from tests.fakes.stage import Face, Scene, Script, Stage, empty_answer, place


def attending(script: Script) -> tuple[Attention, Iterator[Frame], Stage]:
    """Somebody who attends to a stage, and its frames, 100 ms apart."""
    stage = Stage(script, fps=10)
    engine = stage.engine()
    return Attention(engine.detector, Tracker(), engine.aligner), stage.frames(), stage


def seen(script: Script, *gazes: Gaze) -> list[Sight | None]:
    attention, frames, _ = attending(script)
    return [attention.find(frame, gaze) for frame, gaze in zip(frames, gazes, strict=False)]


def moving(px_a_second: float) -> Script:
    return lambda at_ms: Scene(faces=(Face(x_px=150 + at_ms * px_a_second / 1000),))


@pytest.mark.parametrize("gaze", [Gaze.NEAR, Gaze.GLANCE])
def test_near_its_last_place_a_face_is_found_where_the_whole_frame_shows_it(gaze: Gaze) -> None:
    whole, near = seen(moving(60), Gaze.WHOLE, gaze)

    assert whole is not None
    assert near is not None
    assert near.track.id == whole.track.id
    box = near.track.detection.box
    assert box.centre == pytest.approx((156, 120), abs=0.01)
    assert (box.width_px, box.height_px) == pytest.approx((110, 110), abs=0.01)
    assert near.points[:, 0] - whole.points[:, 0] == pytest.approx([6] * 5, abs=0.1)


def test_only_a_glance_leaves_the_grades_as_they_were() -> None:
    sights = seen(moving(0), Gaze.WHOLE, Gaze.NEAR, Gaze.GLANCE, Gaze.WHOLE)

    assert [sight and sight.graded_before for sight in sights] == [False, False, True, False]


def test_a_glance_at_another_face_is_a_whole_look() -> None:
    _, other = seen(lambda at_ms: Scene(faces=(Face(x_px=100 if at_ms < 50 else 240, side_px=80),)), Gaze.WHOLE, Gaze.GLANCE)

    assert other is not None
    assert (other.track.id, other.graded_before) == (2, False)


def test_who_is_not_where_they_were_is_looked_for_everywhere() -> None:
    _, near = seen(lambda at_ms: Scene(faces=(Face(x_px=60 if at_ms < 50 else 260, side_px=40),)), Gaze.WHOLE, Gaze.NEAR)

    assert near is not None
    assert near.track.detection.box.centre[0] == pytest.approx(260, abs=0.01)
    assert near.track.id == 2


def looked_at(script: Script, *gazes: Gaze) -> tuple[list[Sight | None], list[tuple[int, ...]]]:
    """What is seen, and how large the pictures are that the detector is shown."""
    _, frames, stage = attending(script)
    shapes: list[tuple[int, ...]] = []
    engine = stage.engine(
        yunet_n=Answering(lambda tensor: shapes.append(tensor.shape[2:]) or stage.networks["yunet_n"].run(tensor))
    )
    attention = Attention(engine.detector, Tracker(), engine.aligner)
    return [attention.find(frame, gaze) for frame, gaze in zip(frames, gazes, strict=False)], shapes


WHOLE, COARSE, NEAR = (256, 320), (128, 160), (96, 96)


def test_a_search_is_coarser_than_a_whole_look() -> None:
    _, shapes = looked_at(lambda _: Scene(faces=(Face(side_px=60),)), Gaze.SEARCH, Gaze.WHOLE)

    assert shapes == [COARSE, WHOLE]


def test_whether_a_large_face_is_still_alone_is_told_coarsely_and_it_is_seen_near() -> None:
    sights, shapes = looked_at(lambda _: Scene(faces=(Face(side_px=140),)), Gaze.WHOLE, Gaze.WHOLE)

    assert shapes == [WHOLE, COARSE, NEAR]
    assert [sight and round(sight.track.detection.box.side_px) for sight in sights] == [140, 140]
    assert [sight and sight.track.others for sight in sights] == [0, 0]


def test_a_face_that_is_too_small_for_others_to_be_seen_beside_it_is_looked_at_finely() -> None:
    _, shapes = looked_at(lambda _: Scene(faces=(Face(side_px=100),)), Gaze.WHOLE, Gaze.WHOLE)

    assert shapes == [WHOLE, WHOLE]


@pytest.mark.parametrize("before", [1, 2])
def test_whoever_sits_beside_a_large_face_is_looked_at_finely(before: int) -> None:
    """Whether they were there from the beginning, or come."""
    two = (Face(x_px=90, side_px=140), Face(x_px=250, side_px=72))
    sights, shapes = looked_at(lambda at_ms: Scene(faces=two[:before] if at_ms < 50 else two), Gaze.WHOLE, Gaze.WHOLE)

    assert shapes == [WHOLE, COARSE, WHOLE]
    assert [sight and sight.track.others for sight in sights] == [before - 1, 1]


def test_a_face_that_has_shrunk_is_looked_at_finely_again() -> None:
    _, shapes = looked_at(lambda at_ms: Scene(faces=(Face(side_px=140 if at_ms < 50 else 90),)), Gaze.WHOLE, Gaze.WHOLE)

    assert shapes == [WHOLE, COARSE, WHOLE]


@pytest.mark.parametrize("gaze", [Gaze.NEAR, Gaze.GLANCE, Gaze.WHOLE])
def test_who_has_gone_is_not_seen(gaze: Gaze) -> None:
    attention, frames, stage = attending(lambda at_ms: Scene() if at_ms < 50 else Scene(faces=()))

    sights = [attention.find(frame, each) for frame, each in zip(frames, (Gaze.WHOLE, gaze), strict=False)]

    assert sights[0] is not None
    assert sights[1] is None
    assert stage.networks["yunet_n"].runs == (2 if gaze is Gaze.WHOLE else 3)


def test_other_people_are_counted_in_the_whole_frame_and_remembered_until_the_next() -> None:
    left, right = Face(x_px=80, side_px=90), Face(x_px=240, side_px=90)
    sights = seen(
        lambda at_ms: Scene(faces=(left, right) if at_ms < 250 else (left,)),
        Gaze.WHOLE,
        Gaze.NEAR,
        Gaze.NEAR,
        Gaze.NEAR,
        Gaze.WHOLE,
    )

    assert [sight and sight.track.others for sight in sights] == [1, 1, 1, 1, 0]


def test_somebody_who_bends_into_the_near_place_is_noticed_at_once() -> None:
    near = Face(x_px=200, side_px=70)
    sights = seen(lambda at_ms: Scene(faces=(Face(x_px=120),) if at_ms < 50 else (Face(x_px=120), near)), Gaze.WHOLE, Gaze.NEAR)

    assert [sight and sight.track.others for sight in sights] == [0, 1]


def test_a_face_is_followed_by_its_landmarks_without_the_detector() -> None:
    attention, frames, stage = attending(moving(0))

    sights = [attention.find(frame, gaze) for frame, gaze in zip(frames, (Gaze.WHOLE, *[Gaze.FOLLOW] * 3), strict=False)]

    assert stage.networks["yunet_n"].runs == 1
    assert stage.networks["landmarks5"].runs == 4
    assert [sight and sight.graded_before for sight in sights] == [False, True, True, True]
    assert all(sight and sight.track.detection.box.centre == pytest.approx((150, 120), abs=0.5) for sight in sights)


def test_a_face_that_is_followed_takes_its_points_along() -> None:
    """The aligner sees the same shares of the crop, moved a little: so is the face, and so are the detector's points."""
    attention, frames, stage = attending(moving(0))
    first, second = islice(frames, 2)
    before = attention.find(first, Gaze.WHOLE)
    stage.five_points = stage.five_points + np.array([0.05, 0.0], np.float32)

    after = attention.find(second, Gaze.FOLLOW)

    assert before is not None
    assert after is not None
    one, other = before.track.detection, after.track.detection
    assert other.box.centre == pytest.approx((one.box.centre[0] + 5.5, one.box.centre[1]), abs=0.1)
    assert other.points == pytest.approx(one.points + np.array([5.5, 0.0]), abs=0.1)
    assert not other.points.flags.writeable


@pytest.mark.parametrize("shift", [0.3, 0.4])
def test_landmarks_that_jump_farther_than_a_face_moves_are_not_followed(shift: float) -> None:
    attention, frames, stage = attending(moving(0))
    first, second = islice(frames, 2)
    attention.find(first, Gaze.WHOLE)
    stage.five_points = stage.five_points + np.array([shift, 0.0], np.float32)

    sight = attention.find(second, Gaze.FOLLOW)

    assert sight is not None
    assert sight.graded_before is (shift < FARTHEST_SHIFT)


def test_a_picture_that_stands_alone_is_shrunk_exactly_and_a_frame_by_a_whole_number() -> None:
    stage, shapes = Stage(moving(0)), list[tuple[int, ...]]()

    def noted(tensor: Tensor) -> tuple[Tensor, ...]:
        shapes.append(tensor.shape[2:])
        outputs = empty_answer(*tensor.shape[2:])
        place(outputs, Face(60, 60, 40), tensor.shape[3] // 8)
        return tuple(outputs)

    engine = stage.engine(yunet_n=Answering(noted))
    attention = Attention(engine.detector, Tracker(), engine.aligner)
    for number, gaze in enumerate((Gaze.STILL, Gaze.WHOLE)):
        attention.find(frame_from_bgr(np.zeros((480, 512, 3), np.uint8), number, number, DARK), gaze)

    assert shapes == [(320, 320), (256, 256)]


def test_nobody_is_followed_before_somebody_was_found() -> None:
    assert seen(lambda _: Scene(faces=()), Gaze.FOLLOW, Gaze.NEAR) == [None, None]


def test_landmarks_that_leap_are_not_followed() -> None:
    attention, frames, stage = attending(moving(0))
    first, second = islice(frames, 2)
    attention.find(first, Gaze.WHOLE)
    stage.five_points = stage.five_points * 0.4 + 0.3

    sight = attention.find(second, Gaze.FOLLOW)

    assert sight is not None
    assert not sight.graded_before
    assert stage.networks["yunet_n"].runs == 2
