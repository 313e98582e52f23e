"""The interval over persons is what drawing persons one by one gives, and is wider when false matches gather on few of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from models.calibration.by_person import person_interval, resampler_of
from models.calibration.census import take_census
from models.calibration.crowd import Crowd, Relation, Stratum, crowd_of, everybody, stratum_of
from models.calibration.rates import Interval
from tests.models.calibration.crowds import alike_crowd, made_up_crowd, nobody, plain_scores


def plain_interval(crowd: Crowd, stratum: Stratum, threshold: float, draws: int, seed: int) -> Interval:
    """The same draws, each counted by looking at every comparison."""
    scores = list(plain_scores(crowd, stratum))
    taking_part = sorted({int(person) for person in crowd.persons[stratum.labels != -1]})
    dice = np.random.default_rng(seed)
    shares = []
    for places in dice.integers(0, len(taking_part), (draws, len(taking_part))):
        drawn = [taking_part[place] for place in places]
        weights = [drawn.count(int(crowd.persons[each.one])) * drawn.count(int(crowd.persons[each.other])) for each in scores]
        if sum(weights):
            matching = (weight for weight, each in zip(weights, scores, strict=True) if each.score >= threshold)
            shares.append(sum(matching) / sum(weights))
    low, high = np.quantile(shares, (0.025, 0.975), method="inverted_cdf")
    return Interval(float(low), float(high))


@pytest.mark.parametrize("relation", list(Relation))
def test_it_is_what_counting_every_draw_gives(relation: Relation) -> None:
    crowd = made_up_crowd(24, 4, persons=9)
    stratum = stratum_of("some", relation, [None if place % 5 == 0 else place % 2 for place in range(24)])

    found = person_interval(crowd, stratum, 4000, draws=60, seed=5)

    plain = plain_interval(crowd, stratum, 0.4, draws=60, seed=5)
    assert (found.low, found.high) == (pytest.approx(plain.low), pytest.approx(plain.high))


def test_the_same_seed_gives_the_same_interval_and_another_another() -> None:
    crowd = alike_crowd(60, 16)

    found = [person_interval(crowd, everybody(60), 4000, draws=200, seed=seed) for seed in (1, 1, 2)]

    assert found[0] == found[1] != found[2]


def test_false_matches_that_gather_on_few_persons_make_it_wider_than_the_exact_one() -> None:
    crowd = alike_crowd(150, 16)
    (tally,) = take_census(crowd, [everybody(150)], nobody)
    exact = tally.rate_at(5000)

    found = person_interval(crowd, everybody(150), 5000, draws=400, seed=1)

    assert exact.value is not None
    assert found.low < exact.low < exact.value < exact.high < found.high


@pytest.mark.parametrize("relation", list(Relation))
def test_without_a_list_of_the_false_matches_it_is_nearly_the_same(relation: Relation) -> None:
    crowd = alike_crowd(300, 16)
    stratum = stratum_of("halves", relation, [place % 2 for place in range(300)])
    listed = resampler_of(crowd, stratum, 3000, 10**6, nobody)
    unlisted = resampler_of(crowd, stratum, 3000, 10, nobody)

    one, other = (each.interval_at(3000, draws=500, seed=3) for each in (listed, unlisted))

    assert (listed.is_listed, unlisted.is_listed) == (True, False)
    assert (other.low, other.high) == (pytest.approx(one.low, rel=0.15), pytest.approx(one.high, rel=0.15))


def test_a_higher_threshold_never_raises_its_bounds() -> None:
    crowd = alike_crowd(80, 16)
    resampler = resampler_of(crowd, everybody(80), 2000, 10**6, nobody)

    found = [resampler.interval_at(threshold, draws=100, seed=3) for threshold in range(2000, 9000, 250)]

    assert all(above.low <= below.low and above.high <= below.high for below, above in pairwise(found))
    with pytest.raises(ValueError, match="known from 2000 on, not from 1999"):
        resampler.interval_at(1999, draws=100, seed=3)


@pytest.mark.parametrize("persons", [[], ["a"], ["a", "a", "a"]])
def test_nobody_to_compare_with_leaves_every_share_possible(persons: list[str]) -> None:
    crowd = crowd_of(np.tile(np.array([[1, 0]], dtype=np.float32), (len(persons), 1)), persons)

    assert person_interval(crowd, everybody(len(persons)), 5000, draws=20, seed=1) == Interval(0.0, 1.0)
