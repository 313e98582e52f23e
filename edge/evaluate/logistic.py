"""Fits the weights of a sum that tells two kinds of score vectors apart. A door to scipy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.errors import ToolNotInstalledError

try:
    from scipy.optimize import minimize
except ImportError as error:
    raise ToolNotInstalledError("scipy") from error

RIDGE = 1e-5
"""Keeps weights finite where the kinds are cleanly apart."""


def fit_logistic(genuine: NDArray[np.float64], strangers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights of logistic regression, (d,) adding up to 1 in size, for (n, d) scores; both kinds weigh the same.

    The offset is left out: it moves thresholds, not the order of scores. Raises `ValueError` without scores of both kinds.
    """
    if not len(genuine) or not len(strangers):
        raise ValueError("logistic regression needs scores of both kinds")
    scores = np.vstack([genuine, strangers])
    sign = np.concatenate([np.ones(len(genuine)), -np.ones(len(strangers))])
    share = np.concatenate([np.full(len(genuine), 0.5 / len(genuine)), np.full(len(strangers), 0.5 / len(strangers))])

    def cost(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (scores @ parameters[:-1] + parameters[-1])
        slope = -share * sign / (1 + np.exp(np.clip(margin, -60, 60)))
        gradient = np.append(scores.T @ slope, slope.sum()) + 2 * RIDGE * parameters
        return float((share * np.logaddexp(0, -margin)).sum() + RIDGE * parameters @ parameters), gradient

    found = minimize(cost, np.zeros(scores.shape[1] + 1), jac=True, method="L-BFGS-B")
    weights: NDArray[np.float64] = found.x[:-1] / np.abs(found.x[:-1]).sum()
    return weights
