"""Estimates of a distance, counted by hand, and drawn faces whose distance is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.engine import Engine
from edge.evaluate.simulated.distances import AWAY_CM, WANTED, Estimate, estimate_all, rate_of
from edge.evaluate.simulated.faces import Faces, read_faces
from edge.evaluate.split import Half
from models.calibration.rates import rate


def test_estimates_are_right_within_a_tenth_either_way_and_no_face_is_not_right() -> None:
    told = (Estimate(40, 43.9), Estimate(40, 36.1), Estimate(40, 44.5), Estimate(40, None))

    found = rate_of(40, told)

    assert found.right == rate(2, 4)
    assert (found.median_off, found.worst_off) == (pytest.approx(0.0975), pytest.approx(0.1125))


def test_where_no_face_is_found_nothing_is_off() -> None:
    found = rate_of(120, (Estimate(120, None),))

    assert (found.right, found.median_off, found.worst_off) == (rate(0, 1), None, None)


@pytest.mark.weights
@pytest.mark.footage
def test_drawn_faces_are_found_and_told_from_fifteen_centimetres_to_a_hundred_and_twenty(
    engine: Engine, footage_dir: Path
) -> None:
    folder = footage_dir / "verification/crossage_portraits"
    faces: Faces = read_faces(folder / "images.csv", folder / "images", Half.FIT)
    told: list[int] = []

    found = estimate_all(faces, 2, engine, lambda done, of: told.append(done))

    assert [each.away_cm for each in found] == list(AWAY_CM)
    assert told == list(range(1, len(AWAY_CM) + 1))
    assert [each.away_cm for each in found if each.median_off is None or abs(each.median_off) > WANTED] == []
    assert [each.away_cm for each in found if each.worst_off is None or abs(each.worst_off) > 2 * WANTED] == []
