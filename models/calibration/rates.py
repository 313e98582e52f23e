"""A share with its counts and its exact interval. The door to scipy."""

from __future__ import annotations

from dataclasses import dataclass

from models.calibration.errors import CalculatorNotInstalledError

try:
    from scipy.special import betaincinv
except ImportError as error:
    raise CalculatorNotInstalledError("scipy") from error

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its counts and its exact 95 % interval."""

    value: float | None
    """errors / of; None when nothing was counted."""
    errors: int
    of: int
    low: float
    """0 when nothing was counted or nothing went wrong."""
    high: float
    """1 when nothing was counted or everything went wrong."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Two shares, 0 to 1, between which the true one lies with the confidence of this module."""

    low: float
    high: float


def rate(errors: int, of: int) -> Rate:
    """The rate of so many errors in so many trials; `ValueError` for counts that cannot be."""
    interval = exact_interval(errors, of)
    return Rate(errors / of if of else None, errors, of, interval.low, interval.high)


def exact_interval(errors: int, of: int) -> Interval:
    """The interval of Clopper and Pearson (Biometrika 26, 1934): at least 95 %, for independent trials.

    No trial at all leaves every share possible: 0 to 1. Raises `ValueError` for counts that cannot be.
    """
    if not 0 <= errors <= of:
        raise ValueError(f"{errors} errors of {of} trials")
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(errors, of - errors + 1, tail)) if errors > 0 else 0.0
    high = float(betaincinv(errors + 1, of - errors, 1 - tail)) if errors < of else 1.0
    return Interval(low, high)
