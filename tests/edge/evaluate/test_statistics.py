"""Rates, exact intervals and thresholds, against published values and against counting by hand."""

from __future__ import annotations

import sys
from math import comb, isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.evaluate.errors import ToolNotInstalledError
from edge.evaluate.statistics import (
    Rate,
    Scores,
    best_accuracy,
    equal_error_rate,
    every_threshold,
    exact_interval,
    false_match_rate,
    false_non_match_rate,
    rate,
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


# Newcombe, Statistics in Medicine 17 (1998), table I, method 5 (exact), four decimals.
@pytest.mark.parametrize(
    ("errors", "of", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_the_interval_is_the_published_one(errors: int, of: int, low: float, high: float) -> None:
    interval = exact_interval(errors, of)

    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


@pytest.mark.parametrize(("errors", "of"), [(1, 7), (3, 40), (39, 40), (12, 200)])
def test_at_the_ends_of_the_interval_the_tails_hold_exactly_a_fortieth(errors: int, of: int) -> None:
    interval = exact_interval(errors, of)

    assert binomial_tail(of, interval.low, range(errors, of + 1)) == pytest.approx(0.025, abs=1e-9)
    assert binomial_tail(of, interval.high, range(errors + 1)) == pytest.approx(0.025, abs=1e-9)


def binomial_tail(of: int, share: float, counts: range) -> float:
    return sum(comb(of, count) * share**count * (1 - share) ** (of - count) for count in counts)


def test_no_error_in_three_hundred_is_less_than_about_one_percent() -> None:
    found = rate(0, 300)

    assert (found.value, found.low) == (0.0, 0.0)
    assert isclose(found.high, 1 - 0.025 ** (1 / 300), rel_tol=1e-9)


def test_all_errors_reach_up_to_one() -> None:
    assert exact_interval(10, 10).high == 1.0


def test_nothing_counted_has_no_value_and_leaves_every_share_possible() -> None:
    assert rate(0, 0) == Rate(None, 0, 0, 0.0, 1.0)


@pytest.mark.parametrize(("errors", "of"), [(-1, 10), (11, 10), (1, 0)])
def test_counts_that_cannot_be_are_refused(errors: int, of: int) -> None:
    with pytest.raises(ValueError, match=f"{errors} errors of {of}"):
        rate(errors, of)


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


def test_without_scipy_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    monkeypatch.delitem(sys.modules, "edge.evaluate.statistics")

    with pytest.raises(ToolNotInstalledError, match=r"scipy.*install lifecert\[models\]"):
        import edge.evaluate.statistics  # noqa: F401
