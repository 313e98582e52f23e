"""Which face of a still counts."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.evaluate.portrait import look_at, prominence
from edge.flow import Box, Detection
from edge.imaging import Pixels
from edge.stages.detect import Detector


def face(x: float, y: float, side: float, confidence: float = 0.9) -> Detection:
    return Detection(Box(x - side / 2, y - side / 2, side, side), np.zeros((5, 2), dtype=np.float32), confidence)


class StagedDetector(Detector):
    """Finds faces where they were put, by whether the white corner of the picture is at its top left or elsewhere."""

    def __init__(self, upright: tuple[Detection, ...], turned: tuple[Detection, ...]) -> None:
        self._upright, self._turned = upright, turned

    def find(self, bgr: Pixels) -> tuple[Detection, ...]:
        return self._upright if bgr[0, 0, 0] == 255 else self._turned

    def find_in_still(self, bgr: Pixels) -> tuple[Detection, ...]:
        return self.find(bgr)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A black picture with a white corner at its top left."""
    bgr = np.zeros((250, 250, 3), dtype=np.uint8)
    bgr[0, 0] = 255
    path = tmp_path / "photo.png"
    path.write_bytes(cv2.imencode(".png", bgr)[1].tobytes())
    return path


def test_a_large_bystander_neither_counts_nor_turns_the_picture(photo: Path) -> None:
    subject, bystander = face(125, 120, 110, 0.93), face(20, 60, 140, 0.63)

    portrait = look_at(photo, StagedDetector((bystander, subject), (face(125, 130, 120, 0.88),)))

    assert portrait is not None
    assert portrait.face is subject
    assert portrait.faces == 2
    assert portrait.bgr[0, 0, 0] == 255


def test_a_photo_whose_subject_is_found_only_when_turned_is_turned(photo: Path) -> None:
    subject = face(125, 130, 120, 0.92)

    portrait = look_at(photo, StagedDetector((), (subject,)))

    assert portrait is not None
    assert portrait.face is subject
    assert portrait.bgr[0, 0, 0] == 0


def test_a_photo_without_a_face_has_no_portrait(photo: Path) -> None:
    assert look_at(photo, StagedDetector((), ())) is None


def test_in_the_middle_the_size_alone_counts() -> None:
    assert prominence(face(100, 50, 40), 200, 100) == 40


def test_a_face_on_an_edge_counts_nothing() -> None:
    assert prominence(face(0, 50, 90), 200, 100) == 0
    assert prominence(face(200, 100, 90), 200, 100) == 0


@pytest.mark.parametrize(
    ("subject", "other"),
    [
        (face(125, 120, 80), face(20, 120, 100)),  # a bystander at the border, even a larger one
        (face(125, 120, 80), face(150, 120, 40)),  # a small face in the background
        (face(110, 120, 80), face(125, 125, 20)),  # a face on a shirt, right in the middle
    ],
)
def test_the_large_and_central_face_counts(subject: Detection, other: Detection) -> None:
    assert prominence(subject, 250, 250) > prominence(other, 250, 250)
