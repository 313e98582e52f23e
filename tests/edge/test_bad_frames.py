"""Whatever a camera shows instead of one face in good light: a flaw or no face, and never an exception."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.engine import Engine
from edge.evaluate.guidance.bench import judge
from edge.stages.grade import Grader
from edge.stages.track import Tracker
from firmware.errors import FrameShapeError
from firmware.frame import DARK, frame_from_bgr
from firmware.picture import read_picture
from tests.edge.footage import Set, portraits, read, staged
from wire.reasons import Reason

pytestmark = [pytest.mark.weights, pytest.mark.footage]

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def portrait(footage_dir: Path) -> Pixels:
    return read(next(portraits(footage_dir, 60)))


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize(("height", "width"), [(480, 640), (48, 64), (1080, 240)])
def test_a_plain_frame_shows_nobody(level: int, height: int, width: int, engine: Engine) -> None:
    assert judge(np.full((height, width, 3), level, np.uint8), engine) == (Reason.NO_FACE,)


def test_noise_shows_nobody_fit_to_be_judged(engine: Engine) -> None:
    for seed in range(3):
        assert judge(np.random.default_rng(seed).integers(0, 256, (480, 640, 3), dtype=np.uint8), engine) != ()


@pytest.mark.parametrize("picture", ["dlib_no_human_dogs.jpg", "dlib_2007_007763.jpg"])
def test_dogs_and_a_crowd_are_not_one_visitor(picture: str, footage_dir: Path, engine: Engine) -> None:
    assert judge(read_picture(footage_dir / "detection/images" / picture), engine) != ()


def test_fifty_faces_are_several(portrait: Pixels, engine: Engine) -> None:
    one = staged(portrait, engine.detector, Set(width_px=120, height_px=130, eye_distance_px=40))
    many = np.vstack([np.hstack([one] * 10)] * 5)

    assert len(engine.detector.find(many)) > 40
    assert Reason.MULTIPLE_FACES in judge(many, engine)


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_face_that_is_half_out_of_the_picture_is_not_fit(side: str, portrait: Pixels, engine: Engine) -> None:
    shares = {"left": (0.0, 0.5), "right": (1.0, 0.5), "top": (0.5, 0.0), "bottom": (0.5, 1.0)}
    x, y = shares[side]

    assert judge(staged(portrait, engine.detector, Set(x_share=x, y_share=y)), engine) != ()


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((480, 640), np.uint8),
        np.zeros((480, 640, 4), np.uint8),
        np.zeros((480, 640, 3), np.float32),
        np.zeros((0, 640, 3), np.uint8),
    ],
    ids=["grey", "four channels", "floats", "no rows"],
)
def test_what_is_no_picture_is_refused_where_it_comes_in(pixels: NDArray[np.generic]) -> None:
    with pytest.raises(FrameShapeError):
        frame_from_bgr(pixels, 0, 0, DARK)  # type: ignore[arg-type]  # that is what is tested


@pytest.mark.parametrize("number", [np.nan, 1e30, -1e30])
def test_landmarks_that_mean_nothing_are_a_flaw(number: float, portrait: Pixels, engine: Engine) -> None:
    frame = frame_from_bgr(staged(portrait, engine.detector), 0, 0, DARK)
    track = Tracker().follow(engine.detector.find(frame.bgr), 0)
    assert track is not None

    sample = Grader(engine.rules.grade).grade(frame, track, np.full((5, 2), number, np.float32))

    assert not sample.usable
    assert all(0 <= score <= 100 for _, score in sample.components)
