"""Error rates and thresholds, against counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.evaluate.statistics import (
    Scores,
    best_accuracy,
    equal_error_rate,
    every_threshold,
    false_match_rate,
    false_non_match_rate,
    threshold_at_fmr,
    trade_off,
)

# Few distinct values, so that scores tie often.
SCORES = st.lists(st.integers(-4, 4).map(lambda tenths: tenths / 10), max_size=30).map(
    lambda found: np.asarray(found, dtype=float)
)
SOME_SCORES = SCORES.filter(lambda found: found.size > 0)


def scores(*values: float) -> Scores:
    return np.asarray(values, dtype=np.float64)


def test_a_score_at_the_threshold_is_a_match() -> None:
    assert false_match_rate(scores(0.5, 0.4), 0.5).errors == 1
    assert false_non_match_rate(scores(0.5, 0.4), 0.5).errors == 1


def test_the_threshold_lies_just_above_the_highest_impostor_to_be_refused() -> None:
    impostors = np.arange(1000) / 1000

    threshold = threshold_at_fmr(impostors, 1e-2)

    assert threshold == np.nextafter(0.989, 1)
    assert false_match_rate(impostors, 0.99).errors == 10


def test_impostors_that_tie_at_the_threshold_are_all_refused() -> None:
    impostors = np.concatenate([np.zeros(95), np.full(5, 0.7)])

    threshold = threshold_at_fmr(impostors, 0.04)

    assert threshold is not None
    assert threshold > 0.7
    assert false_match_rate(impostors, threshold).errors == 0


@pytest.mark.parametrize(("count", "resolved"), [(999, False), (1000, True)])
def test_a_rate_needs_at_least_its_inverse_of_impostors(count: int, resolved: bool) -> None:
    impostors = np.linspace(-1, 1, count)

    assert (threshold_at_fmr(impostors, 1e-3) is not None) is resolved


@given(SOME_SCORES, st.sampled_from([0.05, 0.1, 0.25, 0.5, 1.0]))
def test_no_lower_threshold_keeps_the_fmr(impostors: Scores, fmr: float) -> None:
    threshold = threshold_at_fmr(impostors, fmr)

    if threshold is None:
        assert impostors.size * fmr < 1
        return
    kept = [t for t in every_threshold(impostors, impostors) if (impostors >= t).mean() <= fmr + 1e-12]
    assert (impostors >= threshold).mean() <= fmr + 1e-12
    assert (impostors >= threshold).sum() == (impostors >= min(kept)).sum()


@given(SOME_SCORES, SOME_SCORES)
def test_the_trade_off_counts_what_a_count_by_hand_counts(genuine: Scores, impostors: Scores) -> None:
    counts = trade_off(genuine, impostors, every_threshold(genuine, impostors))

    assert counts.false_matches.tolist() == [sum(score >= t for score in impostors) for t in counts.thresholds]
    assert counts.false_non_matches.tolist() == [sum(score < t for score in genuine) for t in counts.thresholds]


@given(SOME_SCORES, SOME_SCORES)
def test_the_best_accuracy_is_the_best_of_all_thresholds(genuine: Scores, impostors: Scores) -> None:
    right = [
        (sum(score >= t for score in genuine) + sum(score < t for score in impostors)) / (genuine.size + impostors.size)
        for t in (-1.0, *(tenths / 10 + 0.05 for tenths in range(-5, 5)))
    ]

    assert best_accuracy(genuine, impostors) == pytest.approx(max(right))


def test_the_equal_error_rate_of_mirrored_scores_is_where_they_cross() -> None:
    genuine, impostors = scores(0.9, 0.8, 0.7, 0.2), scores(0.1, 0.2, 0.3, 0.8)

    assert equal_error_rate(genuine, impostors) == 0.25


def test_scores_that_do_not_overlap_have_no_errors() -> None:
    genuine, impostors = scores(0.6, 0.7), scores(0.1, 0.2, 0.3)

    assert equal_error_rate(genuine, impostors) == 0.0
    assert best_accuracy(genuine, impostors) == 1.0


def test_scores_that_all_tie_are_wrong_half_of_the_time() -> None:
    assert equal_error_rate(scores(0.5, 0.5), scores(0.5, 0.5, 0.5)) == 0.5


@pytest.mark.parametrize(("genuine", "impostors"), [(scores(), scores(0.1)), (scores(0.1), scores()), (scores(), scores())])
def test_one_kind_of_comparison_alone_has_no_trade_off(genuine: Scores, impostors: Scores) -> None:
    assert equal_error_rate(genuine, impostors) is None
    assert best_accuracy(genuine, impostors) is None
