"""The interval of a false match rate over persons: the same few recur in many comparisons, which are thus not independent.

Persons are drawn anew with replacement, and a comparison counts as often as both its persons were drawn, together
(the bootstrap of a U-statistic: Arcones and Gine, Annals of Statistics 20, 1992). A person drawn twice is not compared with
himself. Where no comparison is a false match every draw says 0; then only the exact interval says how little that proves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.blocks import Block, Progress, walk
from models.calibration.crowd import LABEL_UNKNOWN, Crowd, Relation, Stratum
from models.calibration.draws import MOST_NUMBERS, Draws
from models.calibration.presence import Presence, presence_of
from models.calibration.rates import CONFIDENCE, Interval

LONGEST_LIST = 500_000
"""So many false matches are remembered one by one. Where there are more, only each person's count of them is kept."""

Places = NDArray[np.int64]
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FalseMatches:
    """The comparisons of two persons that reach a threshold, highest score first."""

    one: Places
    """(k,) first person of each."""
    other: Places
    """(k,) second person of each."""
    bins: Places
    """(k,) score of each in ten-thousandths, rounded down."""

    def reaching(self, threshold_x10000: int) -> FalseMatches:
        """Those that reach a higher threshold."""
        count = int(np.count_nonzero(self.bins >= threshold_x10000))
        return FalseMatches(self.one[:count], self.other[:count], self.bins[:count])


class Resampler:
    """A stratum whose persons can be drawn anew; made by `resampler_of`."""

    def __init__(
        self, crowd: Crowd, stratum: Stratum, presence: Presence, lowest_x10000: int, found: FalseMatches | None
    ) -> None:
        """`found` are all false matches from the lowest threshold on; None where there are too many to hold."""
        self._crowd, self._stratum, self._presence = crowd, stratum, presence
        self._lowest_x10000, self._found = lowest_x10000, found
        self._draws: dict[tuple[int, int], Draws] = {}

    @property
    def is_listed(self) -> bool:
        """Whether each draw counts the false matches anew; otherwise the rate is linearised."""
        return self._found is not None

    def interval_at(self, threshold_x10000: int, draws: int, seed: int) -> Interval:
        """The 95 % interval of the false match rate at a threshold, the same for the same seed; `ValueError` below the lowest.

        With a list of false matches each draw counts them anew, and the bounds never rise with the threshold. Without one the
        rate is linearised in the weights of the persons (its Hoeffding projection), for which all are compared once more.
        """
        if threshold_x10000 < self._lowest_x10000:
            raise ValueError(f"false matches are known from {self._lowest_x10000} on, not from {threshold_x10000}")
        drawn = self._draws.setdefault((draws, seed), Draws(self._presence, draws, seed))
        if self._found is None:
            shares = self._linearised(threshold_x10000, drawn)
        else:
            shares = _counted(self._found.reaching(threshold_x10000), drawn)
        told = np.concatenate([np.empty(0), *shares])
        told = told[np.isfinite(told)]
        if not told.size:
            return Interval(0.0, 1.0)
        tail = (1 - CONFIDENCE) / 2
        low, high = np.quantile(np.clip(told, 0.0, 1.0), (tail, 1 - tail), method="inverted_cdf")
        return Interval(float(low), float(high))

    def _linearised(self, threshold_x10000: int, drawn: Draws) -> Iterator[Shares]:
        matches = np.zeros(self._presence.persons)
        for block in _blocks(self._crowd, self._stratum, _nobody):
            reached = _reached(block, threshold_x10000)
            for rows, count in ((block.rows, reached.sum(axis=1)), (block.columns, reached.sum(axis=0))):
                places = self._presence.places(self._crowd.persons[rows])
                matches += np.bincount(places, weights=count, minlength=len(matches))
        comparisons = float(self._presence.comparisons(np.ones((1, len(matches))))[0])
        if not comparisons:
            return
        share = float(matches.sum()) / 2 / comparisons
        influence = (matches - share * self._presence.comparisons_of_each()) / comparisons
        for batch in drawn.batches():
            yield share + batch.weights @ influence


def _counted(found: FalseMatches, drawn: Draws) -> Iterator[Shares]:
    """The share of false matches in each draw, a batch of draws at a time."""
    for batch in drawn.batches():
        matches = np.zeros(len(batch.weights))
        step = max(1, MOST_NUMBERS // len(batch.weights))
        for start in range(0, len(found.one), step):
            part = slice(start, start + step)
            matches += np.einsum("dk,dk->d", batch.weights[:, found.one[part]], batch.weights[:, found.other[part]])
        with np.errstate(invalid="ignore"):
            yield matches / batch.comparisons


def person_interval(crowd: Crowd, stratum: Stratum, threshold_x10000: int, draws: int, seed: int) -> Interval:
    """The 95 % interval of a stratum's false match rate at a threshold, over persons; 0 to 1 when nothing can be compared."""
    return resampler_of(crowd, stratum, threshold_x10000, LONGEST_LIST, _nobody).interval_at(threshold_x10000, draws, seed)


def resampler_of(crowd: Crowd, stratum: Stratum, lowest_x10000: int, longest_list: int, progress: Progress) -> Resampler:
    """Compare all of a stratum once and remember the false matches from a threshold on, if they are not too many."""
    presence = presence_of(crowd, stratum)
    pieces: list[Places] = [np.empty((3, 0), dtype=np.int64)]
    length = 0
    for block in _blocks(crowd, stratum, progress):
        rows, columns = np.nonzero(_reached(block, lowest_x10000))
        length += len(rows)
        if length > longest_list:
            return Resampler(crowd, stratum, presence, lowest_x10000, found=None)
        persons = crowd.persons[block.rows[rows]], crowd.persons[block.columns[columns]]
        pieces.append(np.stack([*map(presence.places, persons), block.bins[rows, columns]]))
    one, other, bins = np.concatenate(pieces, axis=1)
    order = np.argsort(-bins, kind="stable")
    return Resampler(crowd, stratum, presence, lowest_x10000, FalseMatches(one[order], other[order], bins[order]))


def _blocks(crowd: Crowd, stratum: Stratum, progress: Progress) -> Iterator[Block]:
    def wanted(one: int, other: int) -> bool:
        return LABEL_UNKNOWN not in (one, other) and (one == other) is (stratum.relation is Relation.WITHIN)

    return walk(crowd, stratum.labels, wanted, progress)


def _reached(block: Block, threshold_x10000: int) -> NDArray[np.bool_]:
    reached: NDArray[np.bool_] = block.bins >= threshold_x10000
    return reached if block.counted is None else reached & block.counted


def _nobody(done: int, of: int) -> None:
    """Tell nobody how far it is."""
