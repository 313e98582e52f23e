"""How far two answers of a network are apart, so that rounding can be told from another answer."""

from __future__ import annotations

import numpy as np

from models.contract import Tensor

LEAST = 1e-6
"""What the largest number counts as at least, where all numbers of an answer are nothing or nearly so."""


def difference(found: Tensor, true: Tensor) -> float:
    """The largest difference, as a share of the largest number of the true answer; infinite for answers of two shapes."""
    if found.shape != true.shape:
        return float("inf")
    return float(np.abs(found.astype(np.float64) - true).max()) / max(float(np.abs(true).max()), LEAST)
