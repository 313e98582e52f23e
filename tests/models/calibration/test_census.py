"""The census counts what plain counting counts, exactly, and never holds more than a block of scores."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.calibration.blocks import BLOCK_ROWS, bins_of, walk
from models.calibration.census import Tally, take_census
from models.calibration.crowd import Crowd, Relation, crowd_of, everybody, stratum_of
from models.calibration.errors import CrowdUnusableError, StrataTooFineError
from tests.models.calibration.crowds import made_up_crowd, nobody, plain_scores, plainly_reaching, unit


def census_of_all(crowd: Crowd) -> Tally:
    return take_census(crowd, [everybody(len(crowd))], nobody)[0]


def tally(*scores_x10000: int) -> Tally:
    counts = np.bincount(np.asarray(scores_x10000, dtype=np.int64) + 10_000, minlength=20_001)
    return Tally("all", 2, counts)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 40), st.integers(2, 9), st.integers(0, 1000), st.lists(st.integers(-10_000, 10_000), max_size=20))
def test_it_counts_what_plain_counting_counts(size: int, dimension: int, seed: int, thresholds: list[int]) -> None:
    crowd = made_up_crowd(size, dimension, persons=max(2, size // 3), seed=seed)
    labels = [None if place % 7 == 0 else place % 3 for place in range(size)]
    strata = [
        everybody(size),
        stratum_of("within", Relation.WITHIN, labels),
        stratum_of("across", Relation.ACROSS, labels),
        stratum_of("some", Relation.WITHIN, [None if label else "here" for label in labels]),
    ]

    found = take_census(crowd, strata, nobody)

    for tally, stratum in zip(found, strata, strict=True):
        plain = list(plain_scores(crowd, stratum))
        assert tally.comparisons == len(plain)
        # The thresholds that scores stand on or next to are those at which rounding would show.
        edges = [int(np.floor(each.score * 10_000)) + step for each in plain for step in (0, 1)]
        for threshold in {*thresholds, *edges[:60]}:
            assert tally.rate_at(threshold).errors == plainly_reaching(plain, threshold)


@pytest.mark.parametrize("sixteenths", [-16, -8, -1, 0, 1, 8, 15, 16])
def test_a_score_exactly_at_a_threshold_is_a_false_match(sixteenths: int) -> None:
    score = sixteenths / 16
    crowd = crowd_of(np.array([[1, 0], [score, np.sqrt(1 - score * score)]], dtype=np.float32), ["a", "b"])

    found = census_of_all(crowd)

    assert found.rate_at(sixteenths * 625).errors == 1
    assert found.rate_at(sixteenths * 625 + 1).errors == 0


@given(st.integers(-9_999, 9_999), st.sampled_from([-2, -1, 0, 1, 2]))
def test_the_float32_next_to_a_threshold_falls_on_the_side_on_which_the_unit_puts_it(threshold: int, ulps: int) -> None:
    score = np.float32(threshold / 10_000)
    for _ in range(abs(ulps)):
        score = np.nextafter(score, np.float32(np.inf) if ulps > 0 else np.float32(-np.inf))

    (found,) = bins_of(np.array([score], dtype=np.float64))

    assert (found >= threshold) == (float(score) >= threshold / 10_000)


@pytest.mark.parametrize(("score", "where"), [(-1e-30, -1), (0.0, 0), (1e-30, 0), (1.0000001, 10_000), (-1.0000001, -10_000)])
def test_scores_about_nothing_and_beyond_one_have_a_bin(score: float, where: int) -> None:
    assert bins_of(np.array([score])).tolist() == [where]


def test_pictures_of_one_person_are_never_counted() -> None:
    rows = unit(np.random.default_rng(3).normal(size=(1300, 4)))
    persons = [place // 650 for place in range(1300)]

    found = census_of_all(crowd_of(rows, persons))

    assert (found.comparisons, found.persons) == (650 * 650, 2)


def test_a_stratum_counts_its_own_persons() -> None:
    crowd = crowd_of(unit(np.random.default_rng(3).normal(size=(6, 4))), ["a", "a", "b", "c", "d", "e"])
    stratum = stratum_of("old", Relation.WITHIN, ["old", "old", "old", "old", None, None])

    (found,) = take_census(crowd, [stratum], nobody)

    assert (found.name, found.persons, found.comparisons) == ("old", 3, 5)


@pytest.mark.parametrize("size", [0, 1])
def test_nobody_to_compare_with_makes_an_empty_tally(size: int) -> None:
    crowd = crowd_of(unit(np.ones((size, 3))), range(size))

    found = census_of_all(crowd)

    assert (found.comparisons, found.rate_at(5000).value, found.threshold_for(0.5)) == (0, None, None)


def test_twenty_thousand_references_take_small_blocks_and_little_memory() -> None:
    crowd = made_up_crowd(20_000, 4, persons=20_000)
    steps: list[int] = [0]
    totals: set[int] = set()

    def progress(done: int, of: int) -> None:
        steps.append(done)
        totals.add(of)

    tracemalloc.start()
    (found,) = take_census(crowd, [everybody(len(crowd))], progress)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert max(np.diff(steps)) <= BLOCK_ROWS * BLOCK_ROWS
    assert totals == {20_000 * 19_999 // 2} == {steps[-1]}
    assert found.comparisons == steps[-1] - sum(n * (n - 1) // 2 for n in np.bincount(crowd.persons))
    # All scores at once would be 1.6 GB.
    assert peak < 60e6


def test_a_hundred_thousand_references_are_walked_in_blocks() -> None:
    crowd = crowd_of(np.tile(np.array([[1, 0]], dtype=np.float32), (100_000, 1)), range(100_000))
    told: list[int] = []
    blocks = walk(crowd, np.zeros(100_000, dtype=np.int64), lambda one, other: True, lambda done, of: told.append(of))

    tracemalloc.start()
    shapes = [next(blocks).bins.shape for _ in range(3)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert shapes == [(BLOCK_ROWS, BLOCK_ROWS)] * 3
    assert told == [100_000 * 99_999 // 2] * 2
    assert peak < 60e6


def test_more_kinds_than_can_be_kept_apart_are_refused() -> None:
    crowd = made_up_crowd(2001, 4, persons=2001)

    with pytest.raises(StrataTooFineError, match="2001 kinds"):
        take_census(crowd, [stratum_of("each", Relation.ACROSS, range(2001))], nobody)


def test_a_stratum_of_another_crowd_is_refused() -> None:
    with pytest.raises(CrowdUnusableError, match="labels 4 of 5 rows"):
        take_census(made_up_crowd(5, 4, persons=5), [everybody(4)], nobody)


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=60), st.sampled_from([0.02, 0.1, 0.25, 0.5]))
def test_no_lower_threshold_keeps_the_rate(scores: list[int], fmr: float) -> None:
    found = tally(*scores)

    threshold = found.threshold_for(fmr)

    allowed = int(len(scores) * fmr + 1e-9)
    if threshold is None:
        assert allowed < 1 or scores.count(10_000) > allowed
        return
    assert found.rate_at(threshold).errors <= allowed
    assert threshold == -10_000 or found.rate_at(threshold - 1).errors > allowed


@pytest.mark.parametrize(("comparisons", "resolved"), [(9_999, False), (10_000, True)])
def test_a_rate_needs_at_least_its_inverse_of_comparisons(comparisons: int, resolved: bool) -> None:
    found = tally(*([100] * comparisons))

    assert (found.threshold_for(1e-4) is not None) is resolved


def test_no_threshold_refuses_scores_of_one() -> None:
    assert tally(10_000, 10_000, 0, 0).threshold_for(0.25) is None


@pytest.mark.parametrize(("threshold", "errors"), [(-20_000, 2), (10_000, 1), (10_001, 0), (20_000, 0)])
def test_a_threshold_beyond_the_scale_matches_all_or_nothing(threshold: int, errors: int) -> None:
    assert tally(-10_000, 10_000).rate_at(threshold).errors == errors
