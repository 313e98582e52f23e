"""Draws persons anew with replacement: how often each one, and how many comparisons that makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.calibration.presence import Presence

MOST_NUMBERS = 4_000_000
"""So many numbers are held at a time, 32 MB of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some draws."""

    weights: NDArray[np.float64]
    """(draws, persons) how often each person was drawn."""
    comparisons: NDArray[np.float64]
    """(draws,) how many comparisons of two persons that makes; a person drawn twice is not compared with himself."""


class Draws:
    """So many draws of a stratum's persons; the same for the same seed. They are kept if they are few enough."""

    def __init__(self, presence: Presence, count: int, seed: int) -> None:
        self._presence, self._count, self._seed = presence, count, seed
        self._kept: Sequence[Batch] | None = None

    def batches(self) -> Iterator[Batch]:
        """All draws, as many at a time as memory allows."""
        if self._count * self._presence.persons <= MOST_NUMBERS:
            self._kept = self._kept or list(self._drawn())
            return iter(self._kept)
        return self._drawn()

    def _drawn(self) -> Iterator[Batch]:
        persons, dice = self._presence.persons, np.random.default_rng(self._seed)
        at_a_time = max(1, MOST_NUMBERS // max(1, persons))
        for start in range(0, self._count if persons else 0, at_a_time):
            draws = min(at_a_time, self._count - start)
            places = dice.integers(0, persons, (draws, persons)) + np.arange(draws)[:, None] * persons
            weights = np.bincount(places.reshape(-1), minlength=draws * persons).reshape(draws, persons).astype(np.float64)
            yield Batch(weights, self._presence.comparisons(weights))
