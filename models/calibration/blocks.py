"""All pairs of a crowd that count, a block of scores at a time, so that memory stays small whatever the size of the crowd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.crowd import Crowd

STEPS = 10_000
"""Scores are told in ten-thousandths: thresholds, and the bins of scores."""

BLOCK_ROWS = 512
"""A block has at most so many rows and columns: 2 MB of scores, which stay in the cache of the processor."""

Progress = Callable[[int, int], None]
"""Told how many comparisons of how many are done."""

Wanted = Callable[[int, int], bool]
"""Whether comparisons between two kinds of rows count."""


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The comparisons of two persons between some rows of one kind and some of another (or the same) kind."""

    kind: int
    other: int
    rows: NDArray[np.int64]
    """(r,) places in the crowd."""
    columns: NDArray[np.int64]
    """(c,) places in the crowd."""
    bins: NDArray[np.int64]
    """(r, c) score of each comparison in ten-thousandths, rounded down, -10 000 to 10 000."""
    counted: NDArray[np.bool_] | None
    """(r, c) which of them count; None when all do. One person's own pictures, and what another place tells, do not."""

    def counted_bins(self) -> NDArray[np.int64]:
        """(k,) bins of the comparisons that count."""
        return self.bins.reshape(-1) if self.counted is None else self.bins[self.counted]


def walk(crowd: Crowd, kinds: NDArray[np.int64], wanted: Wanted, progress: Progress) -> Iterator[Block]:
    """Each comparison of two persons exactly once, block by block; blocks of the same two kinds follow one another.

    `kinds` is (n,) and groups rows: a block is of one kind against one kind, and only `wanted` ones are computed.
    """
    order = np.lexsort((crowd.persons, kinds))
    groups = {int(number): order[kinds[order] == number] for number in np.unique(kinds)}
    pairs = [(one, other) for one in groups for other in groups if one <= other and wanted(one, other)]
    total = sum(_comparisons(len(groups[one]), len(groups[other]), one == other) for one, other in pairs)
    done = 0
    for one, other in pairs:
        for rows, columns in _tiles(groups[one], groups[other], one == other):
            yield _block(crowd, one, other, rows, columns)
            done += _comparisons(len(rows), len(columns), rows is columns)
            progress(done, total)


def _comparisons(rows: int, columns: int, same: bool) -> int:
    return rows * (rows - 1) // 2 if same else rows * columns


def _tiles(
    rows: NDArray[np.int64], columns: NDArray[np.int64], same: bool
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pieces of rows against pieces of columns; of a kind against itself only the upper triangle."""
    across = _pieces(columns)
    for place, piece in enumerate(across if same else _pieces(rows)):
        yield from ((piece, other) for other in across[place if same else 0 :])


def _pieces(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [rows[start : start + BLOCK_ROWS] for start in range(0, len(rows), BLOCK_ROWS)]


def _block(crowd: Crowd, kind: int, other: int, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Block:
    scores = crowd.embeddings[rows].astype(np.float64) @ crowd.embeddings[columns].astype(np.float64).T
    persons, others = crowd.persons[rows], crowd.persons[columns]
    counted = None
    if rows is columns or np.isin(persons, others).any():
        counted = persons[:, None] != others[None, :]
        if rows is columns:
            counted &= np.tri(len(rows), k=-1, dtype=np.bool_).T
    return Block(kind, other, rows, columns, bins_of(scores), counted)


def bins_of(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The scores in ten-thousandths, rounded down, so that score >= t holds exactly when bin >= 10 000 t.

    A score counts as the float32 that a unit compares with its threshold: rounding the sum of float64 products gives the same
    one on every machine, whatever the order of the sum. A float32 times 10 000 fits a float64 exactly (24 + 14 of 53 bits).
    """
    steps = scores.astype(np.float32).astype(np.float64)
    steps *= STEPS
    np.floor(steps, out=steps)
    np.clip(steps, -STEPS, STEPS, out=steps)
    return steps.astype(np.int64)
