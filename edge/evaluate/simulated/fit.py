"""Finds the weights and thresholds of the cues that lamps give, on the first half of people, variants and lights, and on
nothing else: not even on the weights and thresholds that ship, for while this plays, nothing denies.

The relief is a logistic regression with a penalty, once against each other shape, on each relief as it was and as lamps nearer
together or wider apart would show it. Its threshold is looked for in scores by weights that never saw the variant, for weights
flatter what they were fitted on. It lies between the attacks and the living, less a few of each, and nearer to the attacks:
real sheets and screens are as plain as simulated ones, while real heads are more various than simulated heads. That of the code
lies half way between the living and the best that a stream with another code scored, and never too low. That of the texture
leaves out so many of the living, and no more, for living and attacks overlap there: what that costs is found out on the other
half.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.attempt import Attempt
from edge.engine import Engine
from edge.evaluate.errors import ExamplesTooFewError
from edge.evaluate.logistic import fit_discriminant
from edge.evaluate.simulated.faces import Faces
from edge.evaluate.simulated.perform import perform, unread
from edge.evaluate.simulated.plan import Forgery, Presentation
from edge.flow import CueKind, LivenessScore
from edge.rules import Rules
from edge.stages.relief import Discriminants, Relief, ReliefModel, features_of, leans_as_a_mirror
from firmware.twin.physics.species import Species
from models.relief import REGION_COLUMNS, REGION_ROWS, UNSAVED, ReliefWeights, Shape, ShapeWeights, Weights

RIDGE = 0.003
"""Weighed against the mean loss of an example."""
SPACINGS = (0.35, 0.6, 1.7)
"""Boards set their lamps nearer together or wider apart than the simulation does, by such factors."""
FOLDS = 6
"""In so many parts the variants are left out in turn, to look for the threshold of the relief."""
SHARE_LEFT_OUT = 0.005
"""Of the living, as the few that may be odd."""
RELIEF_LEFT_OUT = 0.0125
"""Of the living, by their relief."""
ATTACKS_LEFT_OUT = 0.005
"""Of the attacks: texture and action stand against these, too."""
TEXTURE_LEFT_OUT = 0.005
"""Of the living, by their texture."""
FROM_ATTACKS = 0.1
"""So far from the attacks to the living, in log odds, lies the threshold of the relief."""
LEAST_CODE = 0.3
"""A code is believed for no less, however low the living lie in a noisy place."""
LEAST_STEP = 0.001
"""Thresholds are given so finely."""
LEAST_TEXTURE = 0.0001
"""The same of the texture, which is often so sure."""
NOTHING_DENIES = LivenessScore(-math.inf)
FEWEST_LIVING = 200
"""Of fewer, a half per cent is less than one."""
FEWEST_OF_A_SHAPE = 40
"""Of fewer, the weights are those of single artefacts."""
LEAST_SPREAD = 0.05
"""A feature that hardly varies is not blown up."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """What one presentation showed."""

    shape: Shape | None
    """None for a living face."""
    features: NDArray[np.float64]
    """(n, FEATURES) of `features_of`: as it was seen, and as it would be with the lamps nearer together or wider apart."""
    code: float | None
    texture: float | None
    variant: int

    @property
    def living(self) -> bool:
        """Whether it was a living face."""
        return self.shape is None


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """What a stream scored that answers another code, late, or not at all."""

    code: float


SHAPES: Mapping[Species, Shape | None] = {
    Species.LIVE: None,
    Species.MATTE_PRINT: Shape.SHEET,
    Species.GLOSSY_PRINT: Shape.SHEET,
    Species.VINYL_PRINT: Shape.FOIL,
    Species.CUT_OUT: Shape.SHEET,
    Species.PROJECTED: Shape.SHEET,
    Species.MUG: Shape.CYLINDER,
    Species.PHONE: Shape.SCREEN,
    Species.TABLET: Shape.SCREEN,
}


class Noting(ReliefModel):
    """Weighs as it was told, and notes what it weighed."""

    def __init__(self, model: ReliefModel) -> None:
        self._model = model
        self.noted: list[Relief] = []

    def score(self, relief: Relief) -> LivenessScore:
        """As ever."""
        self.noted.append(relief)
        return self._model.score(relief)


def lamps_have_spoken(attempt: Attempt, rules: Rules) -> bool:
    """Whether an action is asked for, which is not fitted here, or there will be no response."""
    del rules
    return attempt.asking is not None or unread(attempt)


def example_of(presentation: Presentation, faces: Faces, engine: Engine) -> Example | WrongAnswer | None:
    """Play one presentation, and take of it what there is to learn."""
    noting = Noting(engine.relief)
    outcome = perform(presentation, faces, _undenying(engine, noting), lamps_have_spoken)
    return None if outcome is None else learned_of(presentation, noting.noted, dict(outcome.scores))


def learned_of(
    presentation: Presentation, noted: Sequence[Relief], scores: Mapping[CueKind, float]
) -> Example | WrongAnswer | None:
    """The relief when it was last weighed, or what a forged stream scored.

    None without any, or where it leans as a mirror: weights have no say in that.
    """
    code = scores.get(CueKind.CODE)
    if presentation.forgery is not Forgery.NONE:
        return None if code is None else WrongAnswer(code)
    if not noted or leans_as_a_mirror(noted[-1]):
        return None
    return Example(SHAPES[presentation.species], spaced(noted[-1]), code, scores.get(CueKind.TEXTURE), presentation.variant)


def spaced(relief: Relief) -> NDArray[np.float64]:
    """(1 + len(SPACINGS), FEATURES) of a relief as it is, and as other lamps would show it: slopes go with their distance."""
    return np.stack([features_of(replace(relief, slope=spacing * relief.slope)) for spacing in (1.0, *SPACINGS)])


def _undenying(engine: Engine, noting: Noting) -> Engine:
    thresholds = replace(engine.rules.thresholds, texture_lit=NOTHING_DENIES, code=NOTHING_DENIES, relief=NOTHING_DENIES)
    return replace(engine, relief=noting, rules=replace(engine.rules, thresholds=thresholds))


def fit(examples: Sequence[Example], wrong: Sequence[WrongAnswer], derived_from: str) -> ReliefWeights:
    """The weights and thresholds of these examples; raises `ExamplesTooFewError` with too few of a kind."""
    alive = [example for example in examples if example.living]
    fewest, scarcest = min((sum(example.shape is shape for example in examples), shape) for shape in Shape)
    if len(alive) < FEWEST_LIVING or fewest < FEWEST_OF_A_SHAPE:
        raise ExamplesTooFewError(len(alive), FEWEST_LIVING, scarcest.value, fewest, FEWEST_OF_A_SHAPE)
    told = _unseen(examples)
    living = np.array([example.living for example in examples])
    return ReliefWeights(
        against=_discriminants(examples),
        threshold=_rounded(1 / (1 + math.exp(-_between(told[living], told[~living])))),
        code_threshold=_rounded(_above(wrong, np.array([example.code for example in alive if example.code is not None]))),
        texture_threshold=_rounded(
            lowest_kept(np.array([example.texture for example in alive if example.texture is not None]), TEXTURE_LEFT_OUT),
            LEAST_TEXTURE,
        ),
        derived_from=derived_from,
        sha256=UNSAVED,
    )


def _discriminants(examples: Sequence[Example]) -> dict[Shape, ShapeWeights]:
    """The living against each shape."""
    features = np.concatenate([example.features for example in examples])
    shapes = [example.shape for example in examples for _ in example.features]
    middle, spread = features.mean(axis=0), features.std(axis=0) + LEAST_SPREAD
    even = (features - middle) / spread
    living = even[[shape is None for shape in shapes]]
    against = {}
    for shape in Shape:
        found = fit_discriminant(living, even[[other is shape for other in shapes]], RIDGE)
        weights = found.weights / spread
        table = weights[:-1].reshape(2, REGION_ROWS, REGION_COLUMNS)
        bias = round(found.offset - float(middle @ weights), 4)
        against[shape] = ShapeWeights(_rows(table[0]), _rows(table[1]), round(float(weights[-1]), 4), bias)
    return against


def _unseen(examples: Sequence[Example]) -> NDArray[np.float64]:
    """What each example would be told, in log odds, by weights that were fitted without its variant."""
    part_of = {variant: place % FOLDS for place, variant in enumerate(sorted({example.variant for example in examples}))}
    parts = np.array([part_of[example.variant] for example in examples])
    told = np.empty(len(examples))
    for part in range(FOLDS):
        without = Discriminants(_discriminants([example for example, own in zip(examples, parts, strict=True) if own != part]))
        for place in np.flatnonzero(parts == part):
            told[place] = without.log_odds(examples[place].features[0])
    return told


def _between(living: NDArray[np.float64], attacks: NDArray[np.float64]) -> float:
    """Between the least of the living and the most of the attacks; where they meet, the living are kept."""
    low, high = lowest_kept(living, RELIEF_LEFT_OUT), -lowest_kept(-attacks, ATTACKS_LEFT_OUT)
    return min(low, high + FROM_ATTACKS * (low - high))


def _above(wrong: Sequence[WrongAnswer], living: NDArray[np.float64]) -> float:
    """Half way between the best of the wrong answers, or 0, and the living, and never low enough for a wrong answer to pass."""
    best = max([0.0, *(answer.code for answer in wrong)])
    return max(LEAST_CODE, best + 2 * LEAST_STEP, (lowest_kept(living) + best) / 2)


def lowest_kept(scores: NDArray[np.float64], share: float = SHARE_LEFT_OUT) -> float:
    """The lowest score when this share of them, and no more, is left out."""
    return float(np.sort(scores)[int(share * scores.size)])


def _rows(table: NDArray[np.float64]) -> Weights:
    return tuple(tuple(round(float(weight), 4) for weight in row) for row in table)


def _rounded(threshold: float, step: float = LEAST_STEP) -> float:
    """Down to a step, and neither 0 nor 1."""
    return min(1 - step, max(step, round(math.floor(threshold / step) * step, 4)))
