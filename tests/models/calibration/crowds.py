"""Made-up crowds, and the same questions answered by plain counting in float64."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum

import numpy as np
from numpy.typing import NDArray

from models.calibration.crowd import Crowd, Relation, Stratum, crowd_of


def nobody(done: int, of: int) -> None:
    """Tell nobody."""


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def made_up_crowd(size: int, dimension: int, persons: int, seed: int = 7) -> Crowd:
    """Random directions; several rows of a person are as unlike as those of two."""
    dice = np.random.default_rng(seed)
    return crowd_of(unit(dice.normal(size=(size, dimension))), dice.integers(0, persons, size).tolist())


def alike_crowd(size: int, dimension: int, seed: int = 7) -> Crowd:
    """Every row another person; some persons look like many others, so that false matches gather on them."""
    dice = np.random.default_rng(seed)
    common = dice.normal(size=dimension)
    pull = dice.uniform(0, 1.2, size=(size, 1))
    return crowd_of(unit(dice.normal(size=(size, dimension)) + pull * common), range(size))


@dataclass(frozen=True, slots=True)
class PlainScore:
    one: int
    other: int
    score: float


def plain_scores(crowd: Crowd, stratum: Stratum) -> Iterator[PlainScore]:
    """The score of every comparison that the stratum counts, as the float32 nearest to the exact sum."""
    for one in range(len(crowd)):
        for other in range(one + 1, len(crowd)):
            labels = int(stratum.labels[one]), int(stratum.labels[other])
            related = (labels[0] == labels[1]) is (stratum.relation is Relation.WITHIN)
            if crowd.persons[one] != crowd.persons[other] and -1 not in labels and related:
                products = crowd.embeddings[one].astype(np.float64) * crowd.embeddings[other].astype(np.float64)
                yield PlainScore(one, other, float(np.float32(fsum(products))))


def plainly_reaching(scores: Sequence[PlainScore], threshold_x10000: int) -> int:
    """How many reach the threshold, compared as fractions, which know no rounding."""
    return sum(Fraction(found.score) >= Fraction(threshold_x10000, 10_000) for found in scores)
