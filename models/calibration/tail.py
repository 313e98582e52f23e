"""Who looks alike most: the pairs and the references that a person should look at.

One person enrolled under two names sits at the very top of the comparisons of different persons; a reference that matches many
others (a hub) is often a bad picture.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.blocks import Block, Progress, walk
from models.calibration.crowd import Crowd


@dataclass(frozen=True, slots=True)
class AlikePair:
    """Two rows of a crowd, of two persons."""

    score_x10000: int
    """In ten-thousandths, rounded down."""
    one: int
    other: int
    """Places in the crowd; `one` is the lower."""


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """The top end of all comparisons of two persons."""

    pairs: tuple[AlikePair, ...]
    """The most similar ones, highest first."""
    false_matches: NDArray[np.int64]
    """(n,) with how many rows of other persons each row matches at the threshold."""


def find_tail(crowd: Crowd, threshold_x10000: int, most_pairs: int, progress: Progress) -> Tail:
    """Compare every two persons once; keep the most similar pairs, and count each row's false matches at a threshold."""
    top: list[AlikePair] = []
    false_matches = np.zeros(len(crowd), dtype=np.int64)
    for block in walk(crowd, np.zeros(len(crowd), dtype=np.int64), lambda one, other: True, progress):
        reached = block.bins >= threshold_x10000
        if block.counted is not None:
            reached &= block.counted
        false_matches[block.rows] += reached.sum(axis=1)
        false_matches[block.columns] += reached.sum(axis=0)
        top = heapq.nsmallest(most_pairs, [*top, *_candidates(block, most_pairs)], key=_from_the_top)
    return Tail(tuple(top), false_matches)


def _from_the_top(pair: AlikePair) -> tuple[int, int, int]:
    return -pair.score_x10000, pair.one, pair.other


def _candidates(block: Block, most_pairs: int) -> Iterator[AlikePair]:
    """The highest of a block; of those that tie for the last places the first."""
    bins = block.bins if block.counted is None else np.where(block.counted, block.bins, np.iinfo(np.int64).min)
    most = min(most_pairs, bins.size)
    floor = np.partition(bins, -most, axis=None)[-most]
    above = np.flatnonzero(bins > floor)
    for place in [*above, *np.flatnonzero(bins == floor)[: most - len(above)]]:
        row, column = divmod(int(place), bins.shape[1])
        if block.counted is None or block.counted[row, column]:
            yield AlikePair(int(bins[row, column]), *sorted((int(block.rows[row]), int(block.columns[column]))))
