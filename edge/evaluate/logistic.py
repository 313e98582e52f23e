"""Fits the weights of a sum that tells two kinds of score vectors apart. A door to scipy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.evaluate.errors import ToolNotInstalledError

try:
    from scipy.optimize import minimize
except ImportError as error:
    raise ToolNotInstalledError("scipy") from error

RIDGE = 1e-5
"""Keeps weights finite where the kinds are cleanly apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Discriminant:
    """Log odds of the first kind as a weighted sum."""

    weights: NDArray[np.float64]
    """(d,)"""
    offset: float


def fit_logistic(genuine: NDArray[np.float64], strangers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights of logistic regression, (d,) adding up to 1 in size, for (n, d) scores; both kinds weigh the same.

    The offset is left out: it moves thresholds, not the order of scores. Raises `ValueError` without scores of both kinds.
    """
    weights = fit_discriminant(genuine, strangers, RIDGE).weights
    return np.asarray(weights / np.abs(weights).sum())


def fit_discriminant(genuine: NDArray[np.float64], strangers: NDArray[np.float64], ridge: float) -> Discriminant:
    """Logistic regression with a penalty on the square of its parameters, both kinds weighing the same.

    Raises `ValueError` without scores of both kinds.
    """
    if not len(genuine) or not len(strangers):
        raise ValueError("logistic regression needs scores of both kinds")
    scores = np.vstack([genuine, strangers])
    sign = np.concatenate([np.ones(len(genuine)), -np.ones(len(strangers))])
    share = np.concatenate([np.full(len(genuine), 0.5 / len(genuine)), np.full(len(strangers), 0.5 / len(strangers))])

    def cost(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = sign * (scores @ parameters[:-1] + parameters[-1])
        slope = -share * sign / (1 + np.exp(np.clip(margin, -60, 60)))
        gradient = np.append(scores.T @ slope, slope.sum()) + 2 * ridge * parameters
        return float((share * np.logaddexp(0, -margin)).sum() + ridge * parameters @ parameters), gradient

    found = minimize(cost, np.zeros(scores.shape[1] + 1), jac=True, method="L-BFGS-B")
    return Discriminant(np.asarray(found.x[:-1]), float(found.x[-1]))
