"""Many persons as a matcher sees them, and which of the comparisons among them are to be counted together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.calibration.errors import CrowdUnusableError

LONGEST_SLIP = 1e-3
"""By how much the length of an embedding may differ from 1."""

PIECE_ROWS = 4096

LABEL_UNKNOWN = -1

Array = TypeVar("Array", NDArray[np.float32], NDArray[np.int64])


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Embeddings and whose they are; made by `crowd_of` or `unpack_crowd`, which check them."""

    embeddings: NDArray[np.float32]
    """(n, d) rows of unit length, write-protected. Personal data: never logged, stored in the open, or sent."""
    persons: NDArray[np.int64]
    """(n,) one number per person, counted from 0, write-protected. Rows of one person are never compared."""

    def __len__(self) -> int:
        return len(self.persons)


class Relation(StrEnum):
    """Which comparisons of a stratum count, by the labels of the two."""

    WITHIN = "within"
    """Both have the same label."""
    ACROSS = "across"
    """They have different labels."""


@dataclass(frozen=True, slots=True, eq=False)
class Stratum:
    """A part of all comparisons that gets a false match rate of its own. Who has no label takes no part."""

    name: str
    relation: Relation
    labels: NDArray[np.int64]
    """(n,) one label per row of the crowd, `LABEL_UNKNOWN` for none, write-protected."""


def crowd_of(embeddings: NDArray[np.float32], persons: Sequence[Hashable]) -> Crowd:
    """Check (n, d) float32 rows of unit length and number their persons, given as anything that tells them apart.

    Raises `CrowdUnusableError`: another shape or type, not one person per row, a value that is no number, another length than 1.
    """
    if embeddings.ndim != 2 or embeddings.dtype != np.float32:
        raise CrowdUnusableError(f"they are {embeddings.dtype} of shape {embeddings.shape}, not rows of float32")
    if len(embeddings) != len(persons):
        raise CrowdUnusableError(f"{len(embeddings)} rows do not fit {len(persons)} persons")
    _check_lengths(embeddings)
    return Crowd(_protected(np.array(embeddings, order="C")), _protected(_numbered(persons)))


def regrouped(crowd: Crowd, persons: Sequence[Hashable]) -> Crowd:
    """The same rows as those of other persons; `CrowdUnusableError` when their number does not fit."""
    if len(crowd) != len(persons):
        raise CrowdUnusableError(f"{len(crowd)} rows do not fit {len(persons)} persons")
    return Crowd(crowd.embeddings, _protected(_numbered(persons)))


def unpack_crowd(packed: Iterable[bytes], persons: Sequence[Hashable], dimension: int) -> Crowd:
    """The crowd of embeddings that travel as little-endian float16, `dimension` values each, brought back to unit length.

    Half precision moves a similarity by less than a ten-thousandth or so. Raises `CrowdUnusableError`.
    """
    rows = np.empty((len(persons), dimension), dtype=np.float32)
    filled = 0
    for row in packed:
        if filled == len(rows):
            raise CrowdUnusableError(f"there are more rows than the {len(rows)} persons")
        if len(row) != 2 * dimension:
            raise CrowdUnusableError(f"row {filled} has {len(row)} bytes, not {2 * dimension}")
        rows[filled] = np.frombuffer(row, dtype="<f2")
        filled += 1
    if filled < len(rows):
        raise CrowdUnusableError(f"there are {filled} rows for {len(rows)} persons")
    rows /= _check_lengths(rows)[:, None]
    return Crowd(_protected(rows), _protected(_numbered(persons)))


def stratum_of(name: str, relation: Relation, labels: Sequence[Hashable | None]) -> Stratum:
    """The stratum of labels given as anything that tells them apart; None is no label."""
    known = [label for label in labels if label is not None]
    numbers = np.full(len(labels), LABEL_UNKNOWN, dtype=np.int64)
    numbers[[label is not None for label in labels]] = _numbered(known)
    return Stratum(name, relation, _protected(numbers))


def everybody(size: int) -> Stratum:
    """The stratum `all` of a crowd of this size."""
    return Stratum("all", Relation.WITHIN, _protected(np.zeros(size, dtype=np.int64)))


def _check_lengths(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) lengths of rows that are all near 1; taken a piece at a time, because squaring takes as much memory as the rows."""
    pieces = (embeddings[start : start + PIECE_ROWS] for start in range(0, len(embeddings), PIECE_ROWS))
    lengths: NDArray[np.float32] = np.concatenate(
        [np.empty(0, dtype=np.float32), *(np.linalg.norm(piece, axis=1) for piece in pieces)]
    )
    # A NaN is not close to anything, so this one comparison refuses it too.
    bad = np.flatnonzero(~(np.abs(lengths - 1) <= LONGEST_SLIP))
    if bad.size:
        raise CrowdUnusableError(f"row {bad[0]} has length {lengths[bad[0]]:.4g}, not 1")
    return lengths


def _numbered(things: Sequence[Hashable]) -> NDArray[np.int64]:
    numbers: dict[Hashable, int] = {}
    return np.fromiter((numbers.setdefault(thing, len(numbers)) for thing in things), dtype=np.int64, count=len(things))


def _protected(array: Array) -> Array:
    array.setflags(write=False)
    return array
