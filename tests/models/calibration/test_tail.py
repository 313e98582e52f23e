"""The tail names the most similar pairs of two persons, and the rows that match too many."""

from __future__ import annotations

import numpy as np

from models.calibration.crowd import crowd_of, everybody
from models.calibration.tail import find_tail
from tests.models.calibration.crowds import made_up_crowd, nobody, plain_scores


def test_the_most_similar_pairs_are_those_of_plain_counting() -> None:
    crowd = made_up_crowd(600, 6, persons=250)

    found = find_tail(crowd, 8000, 20, nobody)

    plain = sorted(plain_scores(crowd, everybody(600)), key=lambda each: each.score, reverse=True)
    assert [pair.score_x10000 for pair in found.pairs] == [int(np.floor(each.score * 10_000)) for each in plain[:20]]
    by_pair = {(each.one, each.other): int(np.floor(each.score * 10_000)) for each in plain}
    assert [by_pair[pair.one, pair.other] for pair in found.pairs] == [pair.score_x10000 for pair in found.pairs]
    by_row = np.bincount([place for each in plain if each.score >= 0.8 for place in (each.one, each.other)], minlength=600)
    assert found.false_matches.tolist() == by_row.tolist()


def test_a_crowd_of_equal_pictures_names_no_more_than_asked_for() -> None:
    crowd = crowd_of(np.tile(np.array([[1, 0]], dtype=np.float32), (100, 1)), range(100))

    found = find_tail(crowd, 10_000, 3, nobody)

    assert [(pair.score_x10000, pair.one, pair.other) for pair in found.pairs] == [
        *((10_000, 0, 1), (10_000, 0, 2), (10_000, 0, 3)),
    ]
    assert found.false_matches.tolist() == [99] * 100


def test_one_person_has_no_tail() -> None:
    crowd = crowd_of(np.tile(np.array([[1, 0]], dtype=np.float32), (3, 1)), ["a", "a", "a"])

    assert find_tail(crowd, 5000, 20, nobody).pairs == ()
