"""From a histogram to a range: what to cut off, so that the steps in between are fine enough."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from models.int8.grid import grid_for
from models.int8.recipe import Activations, Observer, Recipe

BINS = 2048
_SHARES = np.linspace(0.3, 1.0, 36)


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How often a tensor held which numbers."""

    low: float
    high: float
    counts: NDArray[np.float64]
    """(BINS,) from low to high."""

    @property
    def middles(self) -> NDArray[np.float64]:
        """The number that each bin stands for."""
        step = (self.high - self.low) / BINS
        return np.asarray(self.low + step * (np.arange(BINS) + 0.5))


def range_of(seen: Histogram, recipe: Recipe) -> tuple[float, float]:
    """The range that the recipe's observer finds: lowest and highest number."""
    match recipe.observer:
        case Observer.EXTREMES:
            return seen.low, seen.high
        case Observer.PERCENTILE:
            return _percentile(seen, recipe.percentile)
        case Observer.LEAST_SQUARES | Observer.ENTROPY:
            return _best(seen, recipe)
    assert_never(recipe.observer)


def _percentile(seen: Histogram, percentile: float) -> tuple[float, float]:
    cumulated = np.cumsum(seen.counts) / max(seen.counts.sum(), 1)
    tail = (100 - percentile) / 200
    edges = np.linspace(seen.low, seen.high, BINS + 1)
    first, last = int(np.searchsorted(cumulated, tail)), int(np.searchsorted(cumulated, 1 - tail))
    return float(edges[first]), float(edges[min(BINS, last + 1)])


def _best(seen: Histogram, recipe: Recipe) -> tuple[float, float]:
    """First the upper end, then the lower one, each where the cost is least."""
    low, high = seen.low, seen.high
    high = (
        min((high * share for share in _SHARES), key=lambda each: (_cost(seen, low, each, recipe), -each)) if high > 0 else high
    )
    low = min((low * share for share in _SHARES), key=lambda each: (_cost(seen, each, high, recipe), each)) if low < 0 else low
    return low, high


def _cost(seen: Histogram, low: float, high: float, recipe: Recipe) -> float:
    if recipe.observer is Observer.ENTROPY:
        return _divergence(seen, low, high, recipe.activations)
    lost = grid_for(low, high, recipe.activations).rounded(seen.middles) - seen.middles
    return float((lost**2 * seen.counts).sum())


def _divergence(seen: Histogram, low: float, high: float, kind: Activations) -> float:
    """How much is told by the numbers that the steps do not tell (Kullback and Leibler), in nats."""
    grid = grid_for(low, high, kind)
    steps = np.rint(grid.rounded(seen.middles) / grid.scale).astype(np.int64)
    steps -= steps.min()
    counts, bins = np.bincount(steps, seen.counts), np.bincount(steps, seen.counts > 0)
    spread = np.where(seen.counts > 0, counts[steps] / np.maximum(bins[steps], 1), 0)
    inside = (seen.middles >= low) & (seen.middles <= high)
    # What lies outside is moved to the ends first: cutting off must cost something.
    true = np.where(inside, seen.counts, 0.0)
    true[np.argmax(inside)] += seen.counts[seen.middles < low].sum()
    true[BINS - 1 - np.argmax(inside[::-1])] += seen.counts[seen.middles > high].sum()
    both = (true > 0) & (spread > 0)
    p, q = true[both] / true.sum(), spread[both] / spread.sum()
    return float((p * np.log(p / q)).sum())
