"""Which face of a still counts."""

from __future__ import annotations

import numpy as np
import pytest

from edge.evaluate.portrait import prominence
from edge.flow import Box, Detection


def face(x: float, y: float, side: float) -> Detection:
    return Detection(Box(x - side / 2, y - side / 2, side, side), np.zeros((5, 2), dtype=np.float32), 0.9)


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
