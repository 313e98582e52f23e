"""All against all: how many comparisons of two persons reach which score, for many strata in one go.

A score in ten-thousandths is rounded down to a whole number, its bin, so a threshold of whole ten-thousandths counts exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from models.calibration.blocks import STEPS, Progress, walk
from models.calibration.crowd import LABEL_UNKNOWN, Crowd, Relation, Stratum
from models.calibration.errors import CrowdUnusableError, StrataTooFineError
from models.calibration.rates import Rate, rate

BINS = 2 * STEPS + 1
MOST_KINDS = 2000
"""Strata that divide the crowd more finely than this would make tiny blocks, and take for ever."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Comparisons by their scores: those of two persons in a stratum, or those of one person with himself."""

    name: str
    persons: int
    """How many persons take part."""
    counts: NDArray[np.int64]
    """(20 001,) comparisons in each bin: place 0 is a score of -1, place 20 000 of 1. Write-protected."""

    @property
    def comparisons(self) -> int:
        """How many comparisons there were."""
        return int(self.counts.sum())

    def rate_at(self, threshold_x10000: int) -> Rate:
        """The false match rate at a threshold: the share of comparisons that reach it."""
        return rate(int(self.counts[max(0, threshold_x10000 + STEPS) :].sum()), self.comparisons)

    def missed_at(self, threshold_x10000: int) -> Rate:
        """The share of comparisons that stay below a threshold: the false non-match rate when they are of one person."""
        return rate(int(self.counts[: max(0, threshold_x10000 + STEPS)].sum()), self.comparisons)

    def threshold_for(self, fmr: float) -> int | None:
        """The lowest threshold, in ten-thousandths, that at most the share `fmr` of the comparisons reach.

        None when there are fewer than 1 / fmr comparisons, so that a single false match would be more than was asked for,
        and when too many scores are 1, which no threshold refuses.
        """
        allowed = int(np.floor(self.comparisons * fmr + 1e-9))
        if allowed < 1:
            return None
        reaching = np.cumsum(self.counts[::-1])[::-1]
        kept = np.flatnonzero(reaching <= allowed)
        return int(kept[0]) - STEPS if kept.size else None


def take_census(crowd: Crowd, strata: Sequence[Stratum], progress: Progress) -> tuple[Tally, ...]:
    """Compare every two persons once and count the scores by stratum, with no more than a block of scores in memory.

    Raises `CrowdUnusableError` for a stratum of another size than the crowd, `StrataTooFineError` for more than 2000 kinds.
    """
    kinds = _kinds_of(crowd, strata)
    counts, nothing = np.zeros((len(strata), BINS), dtype=np.int64), np.zeros(BINS, dtype=np.int64)
    blocks = walk(crowd, kinds.of_row, lambda one, other: kinds.strata_of(one, other).size > 0, progress)
    for (one, other), alike in groupby(blocks, key=lambda block: (block.kind, block.other)):
        scores = sum((np.bincount(block.counted_bins() + STEPS, minlength=BINS) for block in alike), start=nothing)
        for place in kinds.strata_of(one, other):
            counts[place] += scores
    counts.setflags(write=False)
    return tuple(Tally(stratum.name, _persons(crowd, stratum), row) for stratum, row in zip(strata, counts, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """Rows with the same labels in every stratum are of one kind, so the comparisons of two kinds belong to the same strata."""

    of_row: NDArray[np.int64]
    """(n,) the kind of each row."""
    labels: NDArray[np.int64]
    """(kinds, strata)"""
    within: NDArray[np.bool_]
    """(strata,) whether a stratum counts comparisons within a label."""

    def strata_of(self, one: int, other: int) -> NDArray[np.intp]:
        """The places of the strata to which comparisons of these two kinds belong."""
        first, second = self.labels[one], self.labels[other]
        known = (first != LABEL_UNKNOWN) & (second != LABEL_UNKNOWN)
        return np.flatnonzero(known & ((first == second) == self.within))


def _kinds_of(crowd: Crowd, strata: Sequence[Stratum]) -> _Kinds:
    for stratum in strata:
        if len(stratum.labels) != len(crowd):
            raise CrowdUnusableError(f"the stratum {stratum.name} labels {len(stratum.labels)} of {len(crowd)} rows")
    stacked = np.stack([np.zeros(len(crowd), dtype=np.int64), *(stratum.labels for stratum in strata)], axis=1)
    labels, of_row = np.unique(stacked, axis=0, return_inverse=True)
    if len(labels) > MOST_KINDS:
        raise StrataTooFineError(len(labels), MOST_KINDS)
    within = np.array([stratum.relation is Relation.WITHIN for stratum in strata], dtype=np.bool_)
    return _Kinds(of_row.reshape(-1).astype(np.int64), labels[:, 1:], within)


def _persons(crowd: Crowd, stratum: Stratum) -> int:
    return len(np.unique(crowd.persons[stratum.labels != LABEL_UNKNOWN]))
