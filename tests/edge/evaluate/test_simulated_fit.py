"""Weights and thresholds out of made-up examples: between the kinds, and with a few of the living left out and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.evaluate.errors import ExamplesTooFewError
from edge.evaluate.simulated.fit import (
    FEWEST_LIVING,
    FEWEST_OF_A_SHAPE,
    LEAST_CODE,
    SHAPES,
    Example,
    WrongAnswer,
    fit,
    learned_of,
    lowest_kept,
    spaced,
)
from edge.evaluate.simulated.plan import Forgery
from edge.flow import CueKind
from edge.session.sequential import log_odds
from edge.stages.relief import FEATURES, Regions, Relief, features_of
from firmware.twin.physics.species import Species
from models.relief import REGION_COLUMNS, REGION_ROWS, UNSAVED, ReliefWeights, Shape, ShapeWeights
from tests.edge.evaluate.outcomes import outcome

NOSE = 4 * REGION_COLUMNS + 1
"""The one region in which the made-up kinds differ."""


def examples(living: int, attacks: int, apart: float = 2.0, seed: int = 1) -> list[Example]:
    """Regions of noise; the living lean at the nose, attacks the other way. The attacks are of all shapes in turn."""
    dice = np.random.default_rng(seed)
    made = []
    for number in range(living + attacks):
        features = dice.normal(0, 0.1, FEATURES)
        features[NOSE] += apart if number < living else -apart
        shape = None if number < living else tuple(Shape)[number % len(Shape)]
        made.append(Example(shape, features[np.newaxis], code=0.9, texture=0.5, variant=2 * (number % 48)))
    return made


def flat(weights: ShapeWeights) -> NDArray[np.float64]:
    """All weights in the order of the features."""
    return np.concatenate([np.ravel(weights.slope), np.ravel(weights.fall), [weights.shine]])


def told(weights: ReliefWeights, example: Example) -> float:
    """The score of an example under weights."""
    odds = min(float(flat(one) @ example.features[0]) + one.bias for one in weights.against.values())
    return float(1 / (1 + np.exp(-odds)))


def test_what_tells_the_kinds_apart_weighs_most() -> None:
    made = examples(FEWEST_LIVING, FEWEST_LIVING)

    found = fit(made, (), "made up")

    spread = np.std([one.features[0] for one in made], axis=0)
    for against in found.against.values():
        assert int(np.argmax(np.abs(flat(against) * spread))) == NOSE
        assert flat(against)[NOSE] > 0
    assert found.against.keys() == set(Shape)
    assert (found.derived_from, found.sha256) == ("made up", UNSAVED)


def test_a_shine_that_only_attacks_have_weighs_against_them() -> None:
    made = examples(FEWEST_LIVING, FEWEST_LIVING, apart=0.0)
    for example in made:
        example.features[0, -1] += 0.0 if example.living else 1.5

    found = fit(made, (), "made up")

    assert all(one.shine < 0 and int(np.argmax(np.abs(flat(one)))) == FEATURES - 1 for one in found.against.values())


def test_each_shape_has_what_only_it_shows_against_it() -> None:
    made = examples(FEWEST_LIVING, FEWEST_LIVING, apart=0.0)
    for example in made:
        example.features[0, NOSE] += 2.0 if example.shape is Shape.CYLINDER else 0.0
        example.features[0, -1] += 1.5 if example.shape is Shape.SCREEN else 0.0

    against = fit(made, (), "made up").against

    assert int(np.argmin(flat(against[Shape.CYLINDER]))) == NOSE
    assert int(np.argmin(flat(against[Shape.SCREEN]))) == FEATURES - 1


def test_every_species_is_of_a_shape_but_the_living() -> None:
    assert SHAPES.keys() == set(Species)
    assert [species for species, shape in SHAPES.items() if shape is None] == [Species.LIVE]


def a_relief(nose: float = 0.25) -> Relief:
    slope: Regions = np.full((REGION_ROWS, REGION_COLUMNS), 0.1)
    slope[4, 1] = nose
    return Relief(slope, np.linspace(-1, 1, slope.size).reshape(slope.shape), shine=0.4, noise=0.01, clipped=0.0)


SCORES = {CueKind.CODE: 0.9, CueKind.TEXTURE: 0.2}


def test_of_a_presentation_the_last_relief_is_learned() -> None:
    shown = outcome(Species.MUG).presentation

    learned = learned_of(shown, [a_relief(0.1), a_relief(0.25)], SCORES)

    assert isinstance(learned, Example)
    assert (learned.shape, learned.code, learned.texture, learned.variant) == (Shape.CYLINDER, 0.9, 0.2, shown.variant)
    assert np.array_equal(learned.features, spaced(a_relief(0.25)))


def test_of_a_relief_that_leans_as_a_mirror_there_is_nothing_to_learn() -> None:
    assert learned_of(outcome(Species.GLOSSY_PRINT).presentation, [a_relief(0.25), a_relief(0.9)], SCORES) is None
    assert learned_of(outcome(Species.GLOSSY_PRINT).presentation, [], SCORES) is None


def test_of_a_forged_stream_what_its_code_scored_is_learned() -> None:
    forged = outcome(Species.LIVE, forgery=Forgery.DELAYED).presentation

    assert learned_of(forged, [a_relief()], SCORES) == WrongAnswer(0.9)
    assert learned_of(forged, [a_relief()], {}) is None


def test_a_relief_is_learned_as_other_lamps_would_show_it_too() -> None:
    seen = a_relief()

    shown = spaced(seen)

    assert shown.shape == (4, FEATURES)
    assert np.array_equal(shown[0], features_of(seen))
    for row, times in zip(shown[1:], (0.35, 0.6, 1.7), strict=True):
        assert np.array_equal(row, features_of(replace(seen, slope=times * seen.slope)))


def test_every_row_of_an_example_is_learned() -> None:
    """A shine that only the other rows of the living have weighs for them."""
    made = examples(FEWEST_LIVING, FEWEST_LIVING, apart=0.0)
    for at, one in enumerate(made):
        other = one.features + np.where(np.arange(FEATURES) == FEATURES - 1, 1.5 if one.living else 0.0, 0.0)
        made[at] = replace(one, features=np.concatenate([one.features, other, other]))

    found = fit(made, (), "made up")

    spread = np.std(np.concatenate([one.features for one in made]), axis=0)
    assert all(int(np.argmax(flat(against) * spread)) == FEATURES - 1 for against in found.against.values())


def test_the_threshold_lies_between_the_living_and_the_attacks() -> None:
    made = examples(FEWEST_LIVING, FEWEST_LIVING + 50)

    found = fit(made, (), "made up")

    assert min(told(found, one) for one in made if one.living) > found.threshold
    assert max(told(found, one) for one in made if not one.living) < found.threshold


def test_where_the_kinds_meet_the_living_are_kept() -> None:
    made = examples(400, 400, apart=0.05)

    found = fit(made, (), "made up")

    refused = sum(told(found, one) < found.threshold for one in made if one.living)
    passed = sum(told(found, one) >= found.threshold for one in made if not one.living)
    assert refused <= 4
    assert passed > 40


def test_one_odd_example_of_each_kind_does_not_move_the_threshold_to_itself() -> None:
    plain = fit(examples(600, 600), (), "made up")
    odd = examples(600, 600)
    odd[0], odd[-1] = replace(odd[0], features=odd[-2].features), replace(odd[-1], features=odd[1].features)

    found = fit(odd, (), "made up")

    assert found.threshold == pytest.approx(plain.threshold, abs=0.15)
    assert all(told(found, one) > found.threshold for one in odd[2:600])
    assert all(told(found, one) < found.threshold for one in odd[600:-2])


def test_the_threshold_lies_nearer_to_the_attacks_than_to_the_living() -> None:
    made = examples(FEWEST_LIVING, FEWEST_LIVING)

    found = fit(made, (), "made up")

    odds = [log_odds(told(found, one)) for one in made]
    least = min(odd for odd, one in zip(odds, made, strict=True) if one.living)
    most = max(odd for odd, one in zip(odds, made, strict=True) if not one.living)
    assert 0.0 < (log_odds(found.threshold) - most) / (least - most) < 0.25


def test_one_in_two_hundred_of_the_attacks_is_left_out() -> None:
    made = examples(FEWEST_LIVING, 600)
    for example in made[-3:]:
        example.features[0, NOSE] = 1.0

    found = fit(made, (), "made up")

    assert all(told(found, one) > found.threshold for one in made[-3:])
    assert all(told(found, one) < found.threshold for one in made[FEWEST_LIVING:-3])


def test_the_threshold_is_looked_for_where_the_weights_have_not_been() -> None:
    """Weights find traits of noise in the living that they were fitted on, which the living to come do not have."""
    made = examples(FEWEST_LIVING, FEWEST_LIVING, apart=0.0)

    found = fit(made, (), "made up")

    flattered = lowest_kept(np.array([told(found, one) for one in made if one.living]), 0.01)
    assert found.threshold < flattered / 5


@pytest.mark.parametrize(
    ("wrong", "threshold"), [((), 0.35), ((-0.5, -2.0), 0.35), ((0.1, -1.0, 0.3), 0.5), ((0.75,), 0.752), ((0.9, 0.2), 0.902)]
)
def test_the_code_is_judged_half_way_to_the_best_wrong_answer_which_never_passes(
    wrong: tuple[float, ...], threshold: float
) -> None:
    made = examples(FEWEST_LIVING + 1, FEWEST_LIVING)
    made[0] = replace(made[0], code=0.1)
    made[1] = replace(made[1], code=0.7004)
    made[2] = replace(made[2], code=None)
    made[-1] = replace(made[-1], code=0.0)

    assert fit(made, [WrongAnswer(code) for code in wrong], "made up").code_threshold == threshold


def test_the_code_is_never_judged_lightly() -> None:
    made = [replace(one, code=0.35) for one in examples(FEWEST_LIVING, FEWEST_LIVING)]

    assert fit(made, (), "made up").code_threshold == LEAST_CODE


def test_the_texture_leaves_out_one_in_two_hundred_of_the_living_and_is_told_finely() -> None:
    made = examples(FEWEST_LIVING + 1, FEWEST_LIVING)
    for at, texture in enumerate((0.001, None, 0.00257, 0.3107)):
        made[at] = replace(made[at], texture=texture)
    made[-1] = replace(made[-1], texture=0.0)

    assert fit(made, (), "made up").texture_threshold == 0.0025


@pytest.mark.parametrize(("living", "attacks"), [(FEWEST_LIVING - 1, 300), (0, 300), (300, 2 * FEWEST_OF_A_SHAPE), (300, 0)])
def test_too_few_of_a_kind_are_not_fitted_on(living: int, attacks: int) -> None:
    words = rf"{living} living people and \d+ attacks of the shape .* at least {FEWEST_LIVING} people"
    with pytest.raises(ExamplesTooFewError, match=words):
        fit(examples(living, attacks), (), "made up")


@pytest.mark.parametrize(("count", "place"), [(1, 0), (199, 0), (200, 1), (399, 1), (400, 2), (1000, 5)])
def test_one_in_two_hundred_is_left_out_and_no_more(count: int, place: int) -> None:
    scores = np.random.default_rng(2).permutation(count).astype(np.float64)

    assert lowest_kept(scores) == place
