"""Numbers and the integers that stand for them: number = scale x (integer - zero)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.int8.recipe import Activations

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """The 256 steps of one tensor that flows."""

    scale: float
    zero: int
    kind: Activations

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest integer."""
        return (0, 255) if self.kind is Activations.U8 else (-128, 127)

    def rounded(self, values: Floats) -> Floats:
        """What is left of numbers after a trip through the integers."""
        low, high = self.ends
        return np.asarray((np.clip(np.rint(values / self.scale) + self.zero, low, high) - self.zero) * self.scale)


def grid_for(low: float, high: float, kind: Activations) -> Grid:
    """The steps for a range; 0 is always one of them, since layers are padded with it."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32(max(high - low, 1e-8) / 255))
    first = 0 if kind is Activations.U8 else -128
    return Grid(scale, int(np.clip(round(first - low / scale), first, first + 255)), kind)


@dataclass(frozen=True, slots=True, eq=False)
class GridWeights:
    """Weights of one convolution as integers."""

    integers: NDArray[np.int8]
    scales: NDArray[np.float32]
    """(channels,)"""

    @property
    def values(self) -> NDArray[np.float64]:
        """The weights that the integers stand for."""
        return self.integers * self.scales.astype(np.float64).reshape(-1, *[1] * (self.integers.ndim - 1))


def grid_weights(weights: Floats, *, reduce_range: bool) -> GridWeights:
    """Weights as signed integers, each channel with the scale that loses least (of squares)."""
    most = 63 if reduce_range else 127
    rows = weights.reshape(weights.shape[0], -1).astype(np.float64)
    largest = np.maximum(np.abs(rows).max(axis=1), 1e-8)
    best, loss = largest / most, np.full(len(rows), np.inf)
    for share in np.linspace(0.7, 1.0, 31):
        scale = (largest * share / most).astype(np.float32).astype(np.float64)
        found = np.clip(np.rint(rows / scale[:, None]), -most, most) * scale[:, None]
        lost = ((found - rows) ** 2).sum(axis=1)
        best, loss = np.where(lost < loss, scale, best), np.minimum(lost, loss)
    integers = np.clip(np.rint(rows / best[:, None]), -most, most)
    return GridWeights(integers.reshape(weights.shape).astype(np.int8), best.astype(np.float32))
