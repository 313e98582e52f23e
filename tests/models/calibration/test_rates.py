"""Exact intervals, against published values."""

from __future__ import annotations

import sys
from math import comb, isclose

import pytest

from models.calibration.errors import CalculatorNotInstalledError
from models.calibration.rates import Rate, exact_interval, rate


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


def test_without_scipy_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    monkeypatch.delitem(sys.modules, "models.calibration.rates")

    with pytest.raises(CalculatorNotInstalledError, match=r"scipy.*install lifecert\[models\].*lifecert\[centre\]"):
        import models.calibration.rates  # noqa: F401
