"""The comparisons of one person are those of two different pictures of his, each once."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from models.calibration.crowd import crowd_of, everybody, regrouped
from models.calibration.draws import MOST_NUMBERS, Draws
from models.calibration.errors import CrowdUnusableError
from models.calibration.genuine import count_genuine
from models.calibration.presence import presence_of
from tests.models.calibration.crowds import made_up_crowd


def test_it_counts_what_plain_counting_counts() -> None:
    crowd = made_up_crowd(60, 6, persons=20)
    pictures = [place // 2 if place % 6 < 2 else 100 + place for place in range(60)]

    found = count_genuine(crowd, pictures)

    plain = [
        float(crowd.embeddings[one].astype(np.float64) @ crowd.embeddings[other].astype(np.float64))
        for one, other in combinations(range(60), 2)
        if crowd.persons[one] == crowd.persons[other] and pictures[one] != pictures[other]
    ]
    assert found.comparisons == len(plain)
    for threshold in (-5000, 0, 1234, 9000):
        assert found.missed_at(threshold).errors == sum(score < threshold / 10_000 for score in plain)


def test_a_person_with_one_picture_or_the_same_one_twice_takes_no_part() -> None:
    crowd = crowd_of(np.tile(np.array([[1, 0]], dtype=np.float32), (5, 1)), ["a", "b", "b", "c", "c"])

    found = count_genuine(crowd, [0, 1, 1, 3, 4])

    assert (found.persons, found.comparisons) == (1, 1)


def test_regrouped_rows_must_have_as_many_persons() -> None:
    crowd = made_up_crowd(5, 4, persons=5)

    assert regrouped(crowd, "aabbb").persons.tolist() == [0, 0, 1, 1, 1]
    with pytest.raises(CrowdUnusableError, match="5 rows do not fit 4 persons"):
        regrouped(crowd, "aabb")


def test_many_persons_are_drawn_in_batches_that_fit_the_memory() -> None:
    crowd = made_up_crowd(9000, 2, persons=5000)
    presence = presence_of(crowd, everybody(9000))

    batches = list(Draws(presence, 1000, seed=1).batches())

    assert sum(len(batch.weights) for batch in batches) == 1000
    assert max(batch.weights.size for batch in batches) <= MOST_NUMBERS
    assert all((batch.weights.sum(axis=1) == presence.persons).all() for batch in batches)
