"""Both usual loops on real frames: they find the same face and say nearly the same of it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.evaluate.cost.naive import NaiveLoop, likeness, mean_texture
from edge.evaluate.cost.onnx_loop import open_onnx_loop
from edge.evaluate.cost.opencv_loop import fitted, one_thread, open_opencv_loop
from models.store import ModelStore
from tests.edge.footage import picture_at

pytestmark = [pytest.mark.weights, pytest.mark.footage]

LEAST_CONFIDENCE = 0.6


@pytest.fixture(scope="module")
def loops(model_store: ModelStore) -> tuple[NaiveLoop, NaiveLoop]:
    return open_opencv_loop(model_store, LEAST_CONFIDENCE), open_onnx_loop(model_store, LEAST_CONFIDENCE)


@pytest.mark.parametrize("clip", ["clips/lp_d9_challenge_actions.mp4", "pad/clips/wolf_live_blinks.mp4"])
def test_both_find_the_same_face_and_score_it_alike(loops: tuple[NaiveLoop, NaiveLoop], footage_dir: Path, clip: str) -> None:
    picture = picture_at(footage_dir / clip, 0.5)

    opencv, onnx = (loop.look(picture) for loop in loops)

    assert opencv is not None
    assert onnx is not None
    assert opencv.face.box.overlap(onnx.face.box) > 0.7
    assert float(np.abs(opencv.face.points - onnx.face.points).max()) < 0.25 * onnx.face.eye_distance_px
    assert opencv.texture == pytest.approx(onnx.texture, abs=0.05)
    assert float(opencv.embedding @ onnx.embedding) > 0.9


def test_both_take_a_replayed_video_for_a_picture(loops: tuple[NaiveLoop, NaiveLoop], footage_dir: Path) -> None:
    picture = picture_at(footage_dir / "pad/clips/wolf_replay_moire.mp4", 1.0)

    for loop in loops:
        sight = loop.look(picture)
        assert sight is not None
        assert sight.texture < 0.1


def test_one_person_is_like_himself_and_unlike_another(loops: tuple[NaiveLoop, NaiveLoop], footage_dir: Path) -> None:
    one, later = (picture_at(footage_dir / "clips/lp_d9_challenge_actions.mp4", at_s) for at_s in (0.1, 1.9))
    other = picture_at(footage_dir / "clips/lp_d18_mouth_open.mp4", 0.5)

    for loop in loops:
        reference, same, stranger = loop.look(one), loop.look(later), loop.look(other)
        assert reference is not None
        assert same is not None
        assert stranger is not None
        assert (likeness([same], reference.embedding) or 0) > 0.58 > (likeness([stranger], reference.embedding) or 1)


def test_both_see_nobody_where_nobody_is(loops: tuple[NaiveLoop, NaiveLoop], footage_dir: Path) -> None:
    picture = picture_at(footage_dir / "clips/intel_no_face.mp4", 2.0)

    assert [loop.look(picture) for loop in loops] == [None, None]
    assert mean_texture([]) is None
    assert likeness([], np.zeros(3, np.float32)) is None


def test_a_tall_picture_is_shrunk_and_padded_but_never_squashed() -> None:
    small, factor = fitted(np.full((960, 544, 3), 200, np.uint8), 320, 240)

    assert small.shape == (240, 320, 3)
    assert factor == 0.25
    assert int(small[:, :136].min()) == 200
    assert int(small[:, 136:].max()) == 0


def test_opencv_gets_its_threads_back() -> None:
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)

    with one_thread():
        within = cv2.getNumThreads()
    after = cv2.getNumThreads()
    cv2.setNumThreads(before)

    assert (within, after) == (1, 2)
