"""Points that are seen stay where they are; points that are guessed do not."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest

from edge.flow import Detection
from edge.imaging import Pixels
from edge.stages.landmarks import LEFT_EYE, RIGHT_EYE, Mesh, MeshFitter
from edge.stages.mesh_doubt import BROWS, CHIN, MOUTH, NO_HOLD, NOSE, MeshDoubt, doubt_of, mesh_doubt
from tests.edge.observations import FACE


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


def ended(looks: Generator[None, None, MeshDoubt]) -> MeshDoubt:
    """What is known at the end of all looks."""

    def to_the_end() -> Generator[None, None, None]:
        found.append((yield from looks))

    found: list[MeshDoubt] = []
    list(to_the_end())
    return found[0]


class Losing(MeshFitter):
    """Finds points at the first further look only."""

    def __init__(self) -> None:
        self.looks = 0

    def fit(self, bgr: Pixels, face: Detection) -> Mesh | None:
        """The same points in every crop, or none."""
        self.looks += 1
        return Mesh(np.ones((478, 3), np.float32)) if self.looks == 1 else None


def test_a_face_that_a_further_look_does_not_find_is_in_doubt_all_over() -> None:
    assert ended(mesh_doubt(np.zeros((240, 320, 3), np.uint8), FACE, points(), Losing())) == NO_HOLD


def test_small_faces_are_not_doubted_for_being_small() -> None:
    drifted = points() * 0.3
    drifted[list(MOUTH)] += (0, 1.2)

    # The eyes are 30 px apart; a pixel would count twice as much as of a face twice as large.
    assert doubt_of([points() * 0.3, drifted]).mouth == pytest.approx(0.6 / 60)
