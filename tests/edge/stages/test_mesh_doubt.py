"""Points that are seen stay where they are; points that are guessed do not."""

from __future__ import annotations

import numpy as np
import pytest

from edge.stages.landmarks import LEFT_EYE, RIGHT_EYE
from edge.stages.mesh_doubt import BROWS, CHIN, MOUTH, NOSE, MeshDoubt, doubt_of


def points() -> np.ndarray:
    """Eyes 100 px apart."""
    face = np.zeros((478, 2), np.float32)
    face[list(RIGHT_EYE)], face[list(LEFT_EYE)] = (100, 100), (200, 100)
    return face


def test_points_that_stay_leave_no_doubt() -> None:
    assert doubt_of([points()] * 3) == MeshDoubt(0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("part", "name"),
    [(BROWS, "brows"), (RIGHT_EYE, "right_eye"), (LEFT_EYE, "left_eye"), (NOSE, "nose"), (MOUTH, "mouth"), (CHIN, "chin")],
)
def test_the_part_that_drifts_is_in_doubt_and_no_other(part: tuple[int, ...], name: str) -> None:
    drifted = points()
    drifted[list(part)] += (3, 4)

    doubt = doubt_of([points(), drifted])

    # Two looks 5 px apart lie 2.5 px from their mean each; the eyes are 100 px apart.
    for other in ("brows", "right_eye", "left_eye", "nose", "mouth", "chin"):
        assert getattr(doubt, other) == pytest.approx(0.025 if other == name else 0)


def test_the_worse_eye_counts() -> None:
    assert MeshDoubt(0, 0.01, 0.04, 0, 0, 0).eyes == 0.04


def test_small_faces_are_not_doubted_for_being_small() -> None:
    drifted = points() * 0.3
    drifted[list(MOUTH)] += (0, 1.2)

    # The eyes are 30 px apart; a pixel would count twice as much as of a face twice as large.
    assert doubt_of([points() * 0.3, drifted]).mouth == pytest.approx(0.6 / 60)
