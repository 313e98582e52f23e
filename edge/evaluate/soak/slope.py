"""How fast something grows, robustly: the estimator of Theil and Sen, which a few odd values do not move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Slope:
    """Per unit of the first axis, with its 95 % interval."""

    value: float
    low: float
    high: float


def theil_sen(at: Sequence[float], values: Sequence[float]) -> Slope:
    """The median of the slopes of all pairs (P. K. Sen, JASA 63, 1968); `ValueError` with fewer than three different times.

    The interval is Sen's, by the normal approximation of Kendall's statistic: it takes the values for independent, and those of
    one process are not, so it is rather too narrow.
    """
    x, y = np.asarray(at, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if len(np.unique(x)) < 3:
        raise ValueError("a slope needs three different times at least")
    first, second = np.triu_indices(len(x), k=1)
    run = x[second] - x[first]
    slopes = np.sort((y[second] - y[first])[run != 0] / run[run != 0])
    count = len(x)
    half = Z_95 * np.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(0, round((len(slopes) - half) / 2))
    high = min(len(slopes) - 1, round((len(slopes) + half) / 2))
    return Slope(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))
