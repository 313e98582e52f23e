"""A claim stands on enough comparisons and on both upper bounds; whatever fails is said in words."""

from __future__ import annotations

import numpy as np
import pytest

from models.calibration.census import Tally
from models.calibration.rates import Interval, rate
from models.calibration.support import fewest_comparisons, lowest_supported, supports

NARROW = Interval(0.0, 1e-5)


def falling(scores: int) -> Tally:
    """So many scores at each ten-thousandth from 0 on, up to 0.1."""
    counts = np.zeros(20_001, dtype=np.int64)
    counts[10_000:11_000] = scores
    return Tally("all", 100, counts)


def test_a_claim_with_enough_behind_it_holds() -> None:
    assert supports(1e-4, rate(0, 40_000), NARROW).holds
    assert supports(1e-4, rate(0, 40_000), NARROW).why == ""


@pytest.mark.parametrize(
    ("errors", "of", "by_person", "says"),
    [
        (0, 29_999, NARROW, "needs 30000 comparisons, and there are 29999"),
        (0, 30_000, NARROW, "upper bound over comparisons is 0.000123, above 0.0001"),
        (0, 40_000, Interval(0.0, 2e-4), "upper bound over persons is 0.0002, above 0.0001"),
        (0, 0, Interval(0.0, 1.0), "needs 30000 comparisons, and there are 0; the upper bound over comparisons is 1"),
    ],
)
def test_what_fails_is_said(errors: int, of: int, by_person: Interval, says: str) -> None:
    found = supports(1e-4, rate(errors, of), by_person)

    assert not found.holds
    assert says in found.why


def test_the_lowest_supported_threshold_has_both_bounds_below_the_claim() -> None:
    tally = falling(10)

    over_comparisons = lowest_supported(tally, 1e-2, lambda threshold: Interval(0.0, 0.0))
    over_persons = lowest_supported(tally, 1e-2, lambda threshold: Interval(0.0, max(0.0, (999 - threshold) / 1000)))

    assert over_comparisons is not None
    assert tally.rate_at(over_comparisons).high <= 1e-2 < tally.rate_at(over_comparisons - 1).high
    assert over_persons is not None
    assert (over_persons, over_comparisons) == (max(989, over_comparisons), over_comparisons)


def test_a_claim_beyond_the_comparisons_has_no_threshold() -> None:
    assert lowest_supported(falling(10), 1e-4, lambda threshold: Interval(0.0, 0.0)) is None
    assert lowest_supported(falling(10), 3e-4, lambda threshold: Interval(0.0, 0.0)) is None
    assert lowest_supported(falling(10), 1e-2, lambda threshold: Interval(0.0, 1.0)) is None


@pytest.mark.parametrize("claim", [0.0, 1.0, -1e-4, float("nan")])
def test_what_is_no_rate_cannot_be_claimed(claim: float) -> None:
    with pytest.raises(ValueError, match="cannot be claimed"):
        supports(claim, rate(0, 10), NARROW)


@pytest.mark.parametrize(("claim", "needed"), [(1e-1, 36), (1e-2, 368), (1e-3, 3688), (1e-4, 36_887)])
def test_the_fewest_comparisons_are_those_that_prove_a_claim_without_an_error(claim: float, needed: int) -> None:
    assert fewest_comparisons(claim) == needed
    assert supports(claim, rate(0, needed), NARROW).holds
    assert not supports(claim, rate(0, needed - 1), NARROW).holds
