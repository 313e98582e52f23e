"""A crowd is of checked embeddings, and nothing else becomes one."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from models.calibration.crowd import Relation, crowd_of, stratum_of, unpack_crowd
from models.calibration.errors import CrowdUnusableError
from tests.models.calibration.crowds import unit

ROWS = unit(np.random.default_rng(1).normal(size=(4, 8)))
PERSONS = ["a", "b", "c", "a"]


def spoiled(value: float) -> np.ndarray:
    rows = ROWS.copy()
    rows[2, 3] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (spoiled(np.nan), "row 2 has length nan, not 1"),
        (spoiled(np.inf), "row 2 has length inf, not 1"),
        (spoiled(1.5), "row 2 has length"),
        (np.zeros((4, 8), dtype=np.float32), "row 0 has length 0, not 1"),
        (ROWS.astype(np.float64), "float64"),
        (ROWS[0], r"shape \(8,\)"),
        (ROWS[:3], "3 rows do not fit 4 persons"),
    ],
)
def test_what_cannot_be_compared_is_refused(rows: np.ndarray, says: str) -> None:
    with pytest.raises(CrowdUnusableError, match=says):
        crowd_of(rows, PERSONS)


def test_a_crowd_numbers_its_persons_and_cannot_be_changed() -> None:
    crowd = crowd_of(ROWS, PERSONS)

    assert crowd.persons.tolist() == [0, 1, 2, 0]
    with pytest.raises(ValueError, match="read-only"):
        crowd.embeddings[0, 0] = 1


def test_unpacking_holds_the_rows_once() -> None:
    row, size = unit(np.ones((1, 128)))[0].astype("<f2").tobytes(), 20_000

    tracemalloc.start()
    crowd = unpack_crowd((row for _ in range(size)), range(size), 128)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(crowd) == size
    assert peak < 1.5 * crowd.embeddings.nbytes


def test_half_precision_comes_back_to_unit_length() -> None:
    crowd = unpack_crowd((row.astype("<f2").tobytes() for row in ROWS), PERSONS, 8)

    assert np.linalg.norm(crowd.embeddings, axis=1) == pytest.approx(1, abs=1e-6)
    assert crowd.embeddings @ crowd.embeddings.T == pytest.approx(ROWS @ ROWS.T, abs=1e-3)


@pytest.mark.parametrize(
    ("packed", "says"),
    [
        ([b"\0" * 16] * 4, "row 0 has length 0"),
        ([b"\x00\x7e" * 8] * 4, "row 0 has length nan"),
        ([b"\0" * 15] * 4, "row 0 has 15 bytes, not 16"),
        ([ROWS[0].astype("<f2").tobytes()] * 3, "3 rows for 4 persons"),
        ([ROWS[0].astype("<f2").tobytes()] * 5, "more rows than the 4 persons"),
    ],
)
def test_packed_rows_that_do_not_fit_are_refused(packed: list[bytes], says: str) -> None:
    with pytest.raises(CrowdUnusableError, match=says):
        unpack_crowd(packed, PERSONS, 8)


def test_who_has_no_label_takes_no_part() -> None:
    assert stratum_of("sexes", Relation.ACROSS, ["f", None, "m", "f"]).labels.tolist() == [0, -1, 1, 0]
