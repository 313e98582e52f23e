"""How sure a median is: the percentile bootstrap (Efron, Annals of Statistics 7(1), 1979), with a fixed seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS, SEED = 4000, 20261127
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """A median and the 95 % interval of where it may lie."""

    median: float
    low: float
    high: float

    @property
    def document(self) -> dict[str, float]:
        """As it stands in a report."""
        return {"median": round(self.median, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def spread(values: Sequence[float]) -> Spread:
    """The median of at least one value, with its interval; the same values give the same answer. `ValueError` for none."""
    if not values:
        raise ValueError("there is no median of nothing")
    array = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(SEED).integers(0, len(array), (DRAWS, len(array)))
    medians = np.median(array[drawn], axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(medians, [tail, 1 - tail])
    return Spread(float(np.median(array)), float(low), float(high))
